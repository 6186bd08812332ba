using System.Diagnostics;
using OpenTelemetry;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// Leaves out the requests to chains and Redis that no publish and no event asked for: polls, heartbeats, renewals of
/// leases. Each would be a trace of its own, several a second, and nobody would find a publish among them.
/// </summary>
internal sealed class RequestsOfATrace : BaseProcessor<Activity>
{
    /// <inheritdoc/>
    public override void OnStart(Activity data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Kind != ActivityKind.Client || data.ParentId is not null) return;
        data.IsAllDataRequested = false;
        data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
