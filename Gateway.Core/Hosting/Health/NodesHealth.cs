using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.BroadcastNetwork;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>Nodes of the Broadcast Network are known.</summary>
internal sealed class NodesHealth(INodeRegistry nodes) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var count = nodes.Current.Nodes.Count;
        return Task.FromResult(count > 0
            ? HealthCheckResult.Healthy(string.Create(CultureInfo.InvariantCulture, $"{count} nodes"))
            : HealthCheckResult.Unhealthy("no node is known"));
    }
}
