using System.Diagnostics.Metrics;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>How the chains are followed, and how their providers serve. Only the leader follows.</summary>
internal static class FollowingMetrics
{
    private delegate object Create(string name, Func<IEnumerable<Measurement<long>>> observe, string? unit, string? description);

    /// <summary>Adds the instruments.</summary>
    public static void Add(Meter meter, WatcherService watcher)
    {
        void Gauge(string name, string description, Func<ChainWatch, long?> value) =>
            PerChain(watcher, meter.CreateObservableGauge, name, description, value);
        void Counter(string name, string description, Func<FollowStatus, long> value) =>
            PerChain(watcher, meter.CreateObservableCounter, name, description, Of(value));

        meter.CreateObservableGauge("xmtp_chain_watcher_leading", () => watcher.Leads ? 1 : 0, description: "1 in the watcher that leads");
        Gauge(
            "xmtp_chain_watcher_blocks_behind",
            "Blocks from the last that was read to the newest; estimated while the provider is unavailable, at least 1",
            watch => watch.BlocksBehind);
        Gauge(
            "xmtp_chain_watcher_head_age_seconds",
            "Since the time of the newest known block, by the watcher's clock",
            watch => watch.HeadAge);
        Gauge(
            "xmtp_chain_watcher_provider_unavailable_seconds",
            "Time since the provider's last answer while it is unavailable; else 0",
            watch => watch.Provider is { } provider ? Unavailable(provider) : null);
        Gauge(
            "xmtp_chain_watcher_live",
            "1 while a subscription is active; else the chain is polled",
            Of(status => status.IsLive ? 1 : 0));
        Gauge("xmtp_chain_watcher_page_blocks", "Blocks that one query spans", Of(status => status.PageSize));
        Counter("xmtp_chain_watcher_rollbacks_total", "Reorganizations that removed blocks", status => status.Rollbacks);
        Counter(
            "xmtp_chain_watcher_refused_ranges_total", "Queries that the endpoint refused as too large", status => status.RefusedRanges);
        Counter(
            "xmtp_chain_watcher_silent_subscriptions_total",
            "Subscriptions renewed because they were silent",
            status => status.SilentSubscriptions);
    }

    /// <summary>A measurement of a chain.</summary>
    public static Measurement<long> With(long value, ChainWatch watch) =>
        new(value, new KeyValuePair<string, object?>("chain", watch.Chain.Name));

    private static long Unavailable(ProviderView provider) =>
        provider.State == ProviderState.Unavailable ? (long)provider.For.TotalSeconds : 0;

    private static Func<ChainWatch, long?> Of(Func<FollowStatus, long> value) =>
        watch => watch.Status is { } status ? value(status) : null;

    // A value that is not known yet is not reported.
    private static void PerChain(WatcherService watcher, Create create, string name, string description, Func<ChainWatch, long?> value) =>
        create(
            name,
            () => [.. watcher.Watches.SelectMany<ChainWatch, Measurement<long>>(
                watch => value(watch) is { } known ? [With(known, watch)] : [])],
            null,
            description);
}
