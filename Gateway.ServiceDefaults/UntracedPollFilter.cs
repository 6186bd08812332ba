using System.Diagnostics;
using OpenTelemetry;

namespace Xmtp.Gateway.ServiceDefaults;

/// <summary>
/// Leaves out requests to chains and Redis that belong to no publish and no event: polls, heartbeats, renewals of
/// leases. Each would be a trace of its own, several per second, among which a publish would be hard to find.
/// </summary>
internal sealed class UntracedPollFilter : BaseProcessor<Activity>
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
