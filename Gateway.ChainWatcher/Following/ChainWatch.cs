using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.ChainWatcher.Telemetry;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>Follows one chain while this watcher leads: figures, checkpoints, notifications.</summary>
internal sealed partial class ChainWatch(
    WatchedChain chain,
    EthereumAddress? ownPayer,
    WatcherOptions options,
    IChangeNotifier notifier,
    TimeProvider time,
    ILogger<ChainWatch> logger)
{
    private readonly HashSet<ChangeKind> _unsaid = [];
    private readonly BlockPace _pace = new();
    private long _savedAt;
    private long _followsSince;

    /// <summary>The chain.</summary>
    public WatchedChain Chain => chain;

    /// <summary>The figures; null while this watcher does not lead.</summary>
    public ChainLedger? Ledger { get; private set; }

    /// <summary>The state of the follower; null while this watcher does not lead.</summary>
    public FollowStatus? Status { get; private set; }

    /// <summary>The state of the chain's provider; null while this watcher does not lead.</summary>
    public ProviderView? Provider => Status is { } status ? ProviderView.Of(status, _followsSince, chain.LostAfter, time) : null;

    /// <summary>
    /// Blocks from the last that was read to the newest; null until the newest is known. While the provider is away the
    /// blocks that the chain has made since its last answer are estimated by the chain's pace: at least 1.
    /// </summary>
    public long? BlocksBehind
    {
        get
        {
            if (Status is not { Head: { } head } status) return null;
            var next = status.Next;
            var known = Math.Max(head + 1, next) - next;
            return Provider is { State: ProviderState.Away } away ? (long)Math.Max(1, known + _pace.BlocksIn(away.For)) : (long)known;
        }
    }

    /// <summary>How long ago the newest known block was made, in whole seconds by the block's time; null until it is known.</summary>
    public long? HeadAge => Status?.HeadTime is { } made ? Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds() - (long)made) : null;

    /// <summary>Follows until the token is cancelled.</summary>
    /// <exception cref="WatcherStoreException">The checkpoint could not be read.</exception>
    public async Task RunAsync(ILeadership leadership, CancellationToken stoppingToken)
    {
        var kept = await leadership.LoadAsync(chain.Name, stoppingToken);
        var record = ChainRecord.Read(kept, chain.Fingerprint(ownPayer));
        if (kept is not null && record is null) LogOther(logger, chain.Name);
        using var client = new ChainClient(chain.RpcUrl);
        await using var socket = chain.WssUrl is null ? null : new WebSocketRpcTransport(chain.WssUrl, null, time);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var ledger = Ledger = new ChainLedger(chain, ownPayer, record);
                LogBegins(logger, chain.Name, ledger.Position.Next);
                var follower = new LogFollower(client.Transport, socket, chain.Filter, chain.FollowerOptions, time);
                await FollowAsync(ledger, follower, leadership, stoppingToken);
                record = null;
            }
        }
        finally
        {
            Ledger = null;
            Status = null;
        }
    }

    // Ends by the token, or when a rollback invalidated the figures.
    private async Task FollowAsync(ChainLedger ledger, LogFollower follower, ILeadership leadership, CancellationToken stoppingToken)
    {
        _followsSince = time.GetTimestamp();
        Status = follower.Status;
        _savedAt = time.GetTimestamp();
        try
        {
            await foreach (var step in follower.FollowAsync(ledger.Position, stoppingToken))
            {
                if (step.Head.KnownTimestamp is { } made) _pace.Observe(step.Head.Number, made);
                var changes = ledger.Take(step);
                if (step.Kind != FollowStepKind.RolledBack && step.IsCaughtUp) Trace(step.Logs);
                if (step.Kind == FollowStepKind.RolledBack) LogRolledBack(logger, chain.Name, step.Position.Next);
                if (ledger.IsBroken) return;
                _unsaid.UnionWith(changes);
                await SaveAsync(ledger, leadership, changes.Count > 0 && step.IsCaughtUp, stoppingToken);
                if (step.IsCaughtUp) await NotifyAsync(step.Position.Next, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stores what was read since the last checkpoint, unless another watcher leads by now.
            if (!leadership.Lost.IsCancellationRequested)
                await leadership.SaveAsync(chain.Name, ledger.Record().ToJson(), CancellationToken.None);
        }
    }

    // New events, not history: each gets a span in the trace that its transaction's span links to.
    private void Trace(IEnumerable<LogEntry> logs)
    {
        foreach (var log in logs)
        {
            if (log.Topics.Count == 0 || !chain.Handlers.TryGetValue(log.Topics[0], out var handler)) continue;
            using var seen = WatcherTracing.Seen(log.TransactionHash, handler.Type);
        }
    }

    private async Task SaveAsync(ChainLedger ledger, ILeadership leadership, bool now, CancellationToken stoppingToken)
    {
        if (!now && time.GetElapsedTime(_savedAt) < options.SaveInterval) return;
        _savedAt = time.GetTimestamp();
        if (!await leadership.SaveAsync(chain.Name, ledger.Record().ToJson(), stoppingToken)) LogUnsaved(logger, chain.Name);
    }

    // Far behind the head the changes are collected, and gateways are notified of all of them once it is reached.
    private async Task NotifyAsync(ulong next, CancellationToken stoppingToken)
    {
        if (_unsaid.Count == 0 || !await notifier.NotifyAsync([.. _unsaid], next - 1, stoppingToken)) return;
        _unsaid.Clear();
    }

    [LoggerMessage(EventIds.ChainWatchBegins, LogLevel.Information, "the {Chain} is followed from block {Block} on")]
    private static partial void LogBegins(ILogger logger, string chain, ulong block);

    [LoggerMessage(
        EventIds.ChainWatchOther,
        LogLevel.Warning,
        "the checkpoint of the {Chain} is of other contracts, another payer or an earlier release, or cannot be read: the chain is " +
            "read anew")]
    private static partial void LogOther(ILogger logger, string chain);

    [LoggerMessage(
        EventIds.ChainWatchRolledBack,
        LogLevel.Warning,
        "the {Chain} took back its blocks from {Block} on; what they brought is undone")]
    private static partial void LogRolledBack(ILogger logger, string chain, ulong block);

    [LoggerMessage(EventIds.ChainWatchUnsaved, LogLevel.Warning, "the checkpoint of the {Chain} could not be kept; the next one may")]
    private static partial void LogUnsaved(ILogger logger, string chain);
}
