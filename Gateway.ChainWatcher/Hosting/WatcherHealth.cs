using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// Ready when the checkpoints are available and this watcher either is on standby, or leads, knows the heads of its
/// chains, and no chain is lost. Reading history, and a provider that has not answered for some seconds, are degraded,
/// which is ready too.
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
                ? HealthCheckResult.Healthy("standby: another watcher leads")
                : HealthCheckResult.Unhealthy("another watcher uses the same state folder");
        }

        // One read per chain: the values change between reads.
        var chains = watcher.Watches
            .Select(watch => new Reading(watch.Chain.Name, watch.Provider, watch.Status?.Next ?? 0, watch.Status?.Head)).ToList();
        var troubles = chains.Where(chain => chain.Provider is { State: not ProviderState.Serving }).Select(Trouble).ToList();
        var lost = chains.Where(chain => chain.Provider is { IsLost: true }).ToList();
        if (lost.Count > 0) return HealthCheckResult.Unhealthy(Join($"lost: {Names(lost)}", troubles));
        var unknown = chains.Where(chain => chain.Head is null).ToList();
        if (unknown.Count > 0) return HealthCheckResult.Unhealthy(Join($"the head is not known yet: {Names(unknown)}", troubles));
        if (troubles.Count > 0) return HealthCheckResult.Degraded(string.Join("; ", troubles));
        var behind = chains.Where(chain => chain.Next <= chain.Head).ToList();
        return behind.Count == 0
            ? HealthCheckResult.Healthy($"leads, {(chains.Count > 1 ? "both chains are" : "the settlement-chain is")} read to the head")
            : HealthCheckResult.Degraded("reads history: " + string.Join(", ", behind.Select(Behind)));
    }

    private string Trouble(Reading chain)
    {
        var (state, elapsed) = (chain.Provider!.State, TimeSpan.FromSeconds((long)chain.Provider.For.TotalSeconds));
        var what = state == ProviderState.Unavailable ? "has not answered" : "answers, but its answers are unusable";
        var since = time.GetUtcNow() - chain.Provider.For;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"the provider of the {chain.Name} {what} since {since:yyyy-MM-ddTHH:mm:ssZ}, for {GoDuration.Format(elapsed)}");
    }

    private static string Join(string first, IEnumerable<string> more) => string.Join("; ", more.Prepend(first));

    private static string Names(IEnumerable<Reading> chains) => string.Join(", ", chains.Select(chain => chain.Name));

    private static string Behind(Reading chain) =>
        string.Create(CultureInfo.InvariantCulture, $"{chain.Name} has {chain.Head - chain.Next + 1} blocks to go");

    private sealed record Reading(string Name, ProviderView? Provider, ulong Next, ulong? Head);
}
