using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Handlers;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Compares the watchers' counters of events with the chain's logs: one watcher leads, and it has counted each event of the
/// contracts once, also those that a reorganization moved or removed.
/// </summary>
/// <param name="stage">The watchers and the chain.</param>
internal sealed class ChaosWatcherCheck(ChaosStage stage)
{
    private const string Leading = "xmtp_chain_watcher_leading{} 1";
    private const string Events = "xmtp_chain_events_processed_total{event_type=\"";
    private static readonly TimeSpan MaxCatchUp = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations { get; private set; } = [];

    /// <summary>The events that the leader counted.</summary>
    public long Counted { get; private set; }

    /// <summary>Checks them, once they have had the time to catch up.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            Violations = await CheckAsync(client, cancellationToken);
            if (Violations.Count == 0) return;
            await ChaosFault.WaitAsync(Pause, cancellationToken);
        }
        while (TimeProvider.System.GetElapsedTime(began) < MaxCatchUp);
    }

    private async Task<IReadOnlyList<string>> CheckAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var scrapes = await Task.WhenAll(stage.WatcherUrls.Select(url => ScrapeAsync(client, url, cancellationToken)));
        var leaders = scrapes.Where(scrape => scrape.Any(line => line is Leading)).ToList();
        if (leaders.Count != 1) return [$"{leaders.Count} of {scrapes.Length} watchers lead"];
        var counted = leaders[0]
            .Where(line => line.StartsWith(Events, StringComparison.Ordinal))
            .Select(line => line[Events.Length..].Split("\"} "))
            .ToDictionary(parts => parts[0], parts => long.Parse(parts[1], CultureInfo.InvariantCulture));
        Counted = counted.Values.Sum();
        var onChain = await CountAsync(cancellationToken);
        return
        [
            .. onChain.Keys.Union(counted.Keys).Order(StringComparer.Ordinal)
                .Select(type => (Type: type, Counted: counted.GetValueOrDefault(type), OnChain: onChain.GetValueOrDefault(type)))
                .Where(events => events.Counted != events.OnChain)
                .Select(events => $"the leading watcher counts {events.Counted} events {events.Type}, and the chain has {events.OnChain}"),
        ];
    }

    // The value may be followed by the time of the scrape.
    private static async Task<IReadOnlyList<string>> ScrapeAsync(HttpClient client, Uri url, CancellationToken cancellationToken)
    {
        try
        {
            var text = await client.GetStringAsync(new Uri(url, "/metrics"), cancellationToken);
            return [.. text.Split('\n').Select(line => string.Join(' ', line.Split(' ')[..Math.Min(2, line.Split(' ').Length)]))];
        }
        catch (Exception exception)
            when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private async Task<Dictionary<string, long>> CountAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        await AddAsync(counts, ChainEventHandlers.AppChain,
            [ChainAddresses.GroupMessageBroadcaster, ChainAddresses.IdentityUpdateBroadcaster], cancellationToken);
        await AddAsync(counts, ChainEventHandlers.SettlementChain,
            [
                ChainAddresses.NodeRegistry, ChainAddresses.RateRegistry, ChainAddresses.PayerRegistry, ChainAddresses.PayerReportManager,
            ],
            cancellationToken);
        return counts;
    }

    private async Task AddAsync(
        Dictionary<string, long> counts,
        IReadOnlyDictionary<Bytes32, ChainEventHandler> handlers,
        IReadOnlyList<EthereumAddress> contracts,
        CancellationToken cancellationToken)
    {
        var filter = new LogFilter { Addresses = contracts, Topics = [[.. handlers.Keys]], FromBlock = BlockTag.Earliest };
        foreach (var log in (await stage.Chain.Rpc.GetLogsAsync(filter, cancellationToken)).OrThrow())
        {
            var type = handlers[log.Topics[0]].Type;
            counts[type] = counts.GetValueOrDefault(type) + 1;
        }
    }
}
