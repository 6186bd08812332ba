using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>
/// Degraded, which is ready too, while a node is down, or is behind in an originator without any progress, or the registry
/// could not be read yet. A fault of the network is none of this watcher: it is never unhealthy for it.
/// </summary>
internal sealed class NetworkHealth(WatcherService watcher, NetworkCursors cursors, TimeProvider time) : IHealthCheck
{
    private const int MaxShown = 10;
    private static readonly TimeSpan DownAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StalledAfter = TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!watcher.Leads) return HealthCheckResult.Healthy("the watcher that leads watches the nodes");
        if (cursors.Snapshot() is not { } network) return HealthCheckResult.Degraded("the node registry has not been read yet");
        var up = string.Create(
            CultureInfo.InvariantCulture, $"{network.Nodes.Count(node => node.IsUp)} of {network.Nodes.Count} nodes stream their cursors");
        var troubles = network.Nodes.SelectMany(Troubles).ToList();
        if (troubles.Count == 0) return HealthCheckResult.Healthy(up);
        var more = troubles.Count > MaxShown ? $"; and {troubles.Count - MaxShown} more" : "";
        return HealthCheckResult.Degraded($"{up}; {string.Join("; ", troubles.Take(MaxShown))}{more}");
    }

    private IEnumerable<string> Troubles(NodeSnapshot node)
    {
        var now = time.GetUtcNow();
        if (!node.IsUp)
            return now - node.Since >= DownAfter ? [$"node {node.Id} does not stream its cursor since {Time(node.Since)}"] : [];
        return node.Lags.Where(lag => lag.StalledSince is { } since && now - since >= StalledAfter).Select(
            lag => $"node {node.Id} lacks {lag.Behind} envelopes of originator {lag.Originator}, and has got none since " +
                Time(lag.StalledSince!.Value));
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
