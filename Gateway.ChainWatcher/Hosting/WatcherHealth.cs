using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// Ready when the checkpoints are available and this watcher either is on standby, or leads, knows the heads of both
/// chains, and both respond. Reading history is degraded, which is ready too.
/// </summary>
internal sealed class WatcherHealth(WatcherService watcher, IWatcherStore store, TimeProvider time) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (watcher.StoreFault is { } fault) return HealthCheckResult.Unhealthy(fault);
        if (!watcher.Leads)
        {
            return store.IsShared
                ? HealthCheckResult.Healthy("stands by: another watcher leads")
                : HealthCheckResult.Unhealthy("another watcher uses the same state folder");
        }
        var lost = watcher.Watches.Where(IsLost).Select(watch => watch.Chain.Name).ToList();
        if (lost.Count > 0) return HealthCheckResult.Unhealthy($"lost: {string.Join(", ", lost)}");

        // One read per chain: the values change between reads.
        var chains = watcher.Watches.Select(watch => (watch.Chain.Name, Next: watch.Status?.Next ?? 0, watch.Status?.Head)).ToList();
        var unknown = chains.Where(chain => chain.Head is null).Select(chain => chain.Name).ToList();
        if (unknown.Count > 0) return HealthCheckResult.Unhealthy($"the head is not known yet: {string.Join(", ", unknown)}");
        var behind = chains.Where(chain => chain.Next <= chain.Head).ToList();
        return behind.Count == 0
            ? HealthCheckResult.Healthy("leads, both chains are read to the head")
            : HealthCheckResult.Degraded(
                "reads history: " + string.Join(", ", behind.Select(chain => Behind(chain.Name, chain.Head!.Value - chain.Next + 1))));
    }

    private bool IsLost(ChainWatch watch) =>
        watch.Status is not { } status
            || time.GetElapsedTime(status.LastAnswer == 0 ? watch.FollowsSince : status.LastAnswer) > watch.Chain.LostAfter;

    private static string Behind(string chain, ulong blocks) =>
        string.Create(CultureInfo.InvariantCulture, $"{chain} has {blocks} blocks to go");
}
