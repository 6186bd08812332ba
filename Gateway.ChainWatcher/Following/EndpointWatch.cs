using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.ChainWatcher.Telemetry;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>
/// Follows what is behind one endpoint while this watcher leads: one chain, or both chains if they are one. Figures,
/// checkpoints, notifications.
/// </summary>
/// <remarks>A chain that is both is read once: one subscription, one reading of history, and figures for each.</remarks>
internal sealed partial class EndpointWatch
{
    private readonly IReadOnlyList<WatchedChain> _chains;
    private readonly EthereumAddress? _ownPayer;
    private readonly WatcherOptions _options;
    private readonly IChangeNotifier _notifier;
    private readonly TimeProvider _time;
    private readonly ILogger<EndpointWatch> _logger;
    private readonly WatchedChain _read;
    private readonly HashSet<ChangeKind> _pendingChanges = [];
    private long _savedAt;

    /// <summary>Follows these chains: one, or both if they are one chain behind one endpoint.</summary>
    public EndpointWatch(
        IReadOnlyList<WatchedChain> chains,
        EthereumAddress? ownPayer,
        WatcherOptions options,
        IChangeNotifier notifier,
        TimeProvider time,
        ILogger<EndpointWatch> logger)
    {
        _chains = chains;
        _ownPayer = ownPayer;
        _options = options;
        _notifier = notifier;
        _time = time;
        _logger = logger;
        _read = chains.Count == 1 ? chains[0] : chains[0].With(chains[1]);
        Watches = [.. chains.Select(chain => new ChainWatch(chain, this, time))];
    }

    /// <summary>The chains, each with its figures.</summary>
    public IReadOnlyList<ChainWatch> Watches { get; }

    /// <summary>The state of the follower; null while this watcher does not lead.</summary>
    public FollowStatus? Status { get; private set; }

    /// <summary>When the follower began, as a timestamp of the clock.</summary>
    public long FollowsSince { get; private set; }

    /// <summary>How often the chain makes a block.</summary>
    public BlockPace Pace { get; } = new();

    private string CheckpointName => EndpointRecord.NameOf(_chains);

    /// <summary>Follows until the token is cancelled.</summary>
    /// <exception cref="WatcherStoreException">The checkpoint could not be read.</exception>
    public async Task RunAsync(ILeadership leadership, CancellationToken stoppingToken)
    {
        var kept = await leadership.LoadAsync(CheckpointName, stoppingToken);
        var records = EndpointRecord.Read(kept, [.. _chains.Select(chain => chain.Fingerprint(_ownPayer))]);
        if (kept is not null && records is null) LogOther(_logger, _read.Name);
        using var client = new ChainClient(_read.RpcUrl);
        await using var socket = _read.WssUrl is null ? null : new WebSocketRpcTransport(_read.WssUrl, null, _time);
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var ledgers = _chains
                    .Select((chain, at) => new ChainLedger(chain, _ownPayer, records?[at], _read.FirstBlock)).ToList();
                for (var at = 0; at < ledgers.Count; at++) Watches[at].Ledger = ledgers[at];
                LogBegins(_logger, _read.Name, ledgers[0].Position.Next);
                var follower = new LogFollower(client.Transport, socket, _read.Filter, _read.FollowerOptions, _time);
                await FollowAsync(ledgers, follower, leadership, stoppingToken);
                records = null;
            }
        }
        finally
        {
            foreach (var watch in Watches) watch.Ledger = null;
            Status = null;
        }
    }

    // Ends by the token, or when a rollback invalidated the figures.
    private async Task FollowAsync(
        List<ChainLedger> ledgers, LogFollower follower, ILeadership leadership, CancellationToken stoppingToken)
    {
        FollowsSince = _time.GetTimestamp();
        Status = follower.Status;
        _savedAt = _time.GetTimestamp();
        var progress = new BackfillProgress(_read.Name, _time, _logger);
        try
        {
            await foreach (var step in follower.FollowAsync(ledgers[0].Position, stoppingToken))
            {
                progress.Observe(step.Position.Next, step.Head.Number, step.IsCaughtUp);
                if (step.Head.KnownTimestamp is { } made) Pace.Observe(step.Head.Number, made);
                var changes = new HashSet<ChangeKind>();
                foreach (var ledger in ledgers) changes.UnionWith(ledger.Take(step));
                if (step.Kind != FollowStepKind.RolledBack && step.IsCaughtUp) Trace(step.Logs);
                if (step.Kind == FollowStepKind.RolledBack) LogRolledBack(_logger, _read.Name, step.Position.Next);
                if (ledgers.Exists(ledger => ledger.IsBroken)) return;
                _pendingChanges.UnionWith(changes);
                await SaveAsync(ledgers, leadership, changes.Count > 0 && step.IsCaughtUp, stoppingToken);
                if (step.IsCaughtUp) await NotifyAsync(step.Position.Next, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stores what was read since the last checkpoint, unless another watcher leads by now.
            if (!leadership.Lost.IsCancellationRequested)
                await leadership.SaveAsync(CheckpointName, Json(ledgers), CancellationToken.None);
        }
    }

    // New events, not history: each gets a span in the trace that its transaction's span links to.
    private void Trace(IEnumerable<LogEntry> logs)
    {
        foreach (var log in logs)
        {
            foreach (var chain in _chains)
            {
                if (chain.HandlerOf(log) is not { } handler) continue;
                using var seen = WatcherTracing.Seen(log.TransactionHash, handler.Type);
            }
        }
    }

    private async Task SaveAsync(List<ChainLedger> ledgers, ILeadership leadership, bool now, CancellationToken stoppingToken)
    {
        if (!now && _time.GetElapsedTime(_savedAt) < _options.SaveInterval) return;
        _savedAt = _time.GetTimestamp();
        if (!await leadership.SaveAsync(CheckpointName, Json(ledgers), stoppingToken)) LogUnsaved(_logger, _read.Name);
    }

    private static string Json(List<ChainLedger> ledgers) => EndpointRecord.ToJson([.. ledgers.Select(ledger => ledger.Record())]);

    // Far behind the head the changes are collected, and gateways are notified of all of them once it is reached.
    private async Task NotifyAsync(ulong next, CancellationToken stoppingToken)
    {
        if (_pendingChanges.Count == 0 || !await _notifier.NotifyAsync([.. _pendingChanges], next - 1, stoppingToken)) return;
        _pendingChanges.Clear();
    }

    [LoggerMessage(EventIds.ChainWatchBegins, LogLevel.Information, "the {Chain} is followed from block {Block} on")]
    private static partial void LogBegins(ILogger logger, string chain, ulong block);

    [LoggerMessage(
        EventIds.ChainWatchOther,
        LogLevel.Warning,
        "the checkpoint of the {Chain} is of other contracts, another payer or an earlier release, or cannot be read: the chain is " +
            "read again")]
    private static partial void LogOther(ILogger logger, string chain);

    [LoggerMessage(
        EventIds.ChainWatchRolledBack,
        LogLevel.Warning,
        "a reorganization of the {Chain} removed its blocks from {Block} on; their effects were reverted")]
    private static partial void LogRolledBack(ILogger logger, string chain, ulong block);

    [LoggerMessage(EventIds.ChainWatchUnsaved, LogLevel.Warning, "the checkpoint of the {Chain} could not be saved; retrying")]
    private static partial void LogUnsaved(ILogger logger, string chain);
}
