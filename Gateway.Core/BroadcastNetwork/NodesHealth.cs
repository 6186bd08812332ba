using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Reports whether nodes of the Broadcast Network are known, and whether one alone refuses what others accept.
/// </summary>
internal sealed class NodesHealth(INodeRegistry nodes, RefusalBans? bans = null) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var count = nodes.Current.Nodes.Count;
        if (count == 0) return Task.FromResult(HealthCheckResult.Unhealthy("no node is known"));
        var text = string.Create(CultureInfo.InvariantCulture, $"{count} nodes");
        return Task.FromResult(bans?.Banned is { Count: > 0 } banned
            ? HealthCheckResult.Degraded($"{text}, and {string.Join(", ", banned)} alone refuses what others accept")
            : HealthCheckResult.Healthy(text));
    }
}
