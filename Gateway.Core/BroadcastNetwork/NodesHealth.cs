using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.BroadcastNetwork.Nodes;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Reports whether nodes of the Broadcast Network are known, which of them cannot be reached, and whether one alone refuses what
/// others accept.
/// </summary>
internal sealed class NodesHealth(INodeRegistry nodes, RefusalBans? bans = null, NodeConnections? connections = null) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var count = nodes.Current.Nodes.Count;
        if (count == 0) return Task.FromResult(HealthCheckResult.Unhealthy("no node is known"));
        var unavailable = nodes.Current.Nodes.Select(node => node.Id).Where(id => connections?.IsCircuitTripped(id) == true).ToList();
        if (unavailable.Count == count) return Task.FromResult(HealthCheckResult.Degraded($"none of {count} nodes answers"));
        var text = string.Create(CultureInfo.InvariantCulture, $"{count} nodes")
            + (unavailable.Count == 0 ? "" : $", of which {string.Join(", ", unavailable)} cannot be used: no answer");
        return Task.FromResult(bans?.Banned is { Count: > 0 } banned
            ? HealthCheckResult.Degraded($"{text}, and {string.Join(", ", banned)} alone refuses what others accept")
            : HealthCheckResult.Healthy(text));
    }
}
