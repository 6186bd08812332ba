using System.Text.Json;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Handlers;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>
/// The figures of one chain, with rollback: settled figures, and on top of them all events that may still be undone.
/// </summary>
/// <remarks>
/// Thread-safe. A rollback rebuilds the figures from the settled ones; that is rare and costs as much as the events of
/// the last few hundred blocks.
/// </remarks>
internal sealed class ChainLedger
{
    private readonly WatchedChain _chain;
    private readonly EthereumAddress? _ownPayer;
    private readonly ulong _begin;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ChainEventHandler> _byType;
    private List<ChainEvent> _recent = [];
    private ChainFigures _settled = new();
    private ChainFigures _current;
    private FollowPosition _position;
    private ulong _settledBelow;
    private ulong _headTime;

    /// <summary>Starts from a stored record, or empty.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="ownPayer">The payer whose money is followed; null for none.</param>
    /// <param name="kept">The record; null for none.</param>
    /// <param name="begin">The first block that is read, at most the chain's first block.</param>
    public ChainLedger(WatchedChain chain, EthereumAddress? ownPayer, ChainRecord? kept, ulong begin)
    {
        _chain = chain;
        _ownPayer = ownPayer;
        _begin = begin;
        _byType = chain.Handlers.Values.ToDictionary(handler => handler.Type);
        _position = FollowPosition.From(begin);
        _settledBelow = begin;
        _current = _settled;
        if (kept is null) return;
        _settled = kept.Settled;
        _settledBelow = kept.SettledBelow;
        _position = kept.Position();
        _headTime = kept.HeadTime;
        HasCaughtUp = kept.HasCaughtUp || kept.HeadTime > 0;
        _recent = [.. kept.Recent];
        Rebuild();
    }

    /// <summary>The position in the chain.</summary>
    public FollowPosition Position => _position;

    /// <summary>
    /// Whether everything up to a head was read once. Before that the figures are those of the past: a replay of history lets them
    /// climb to where they were.
    /// </summary>
    public bool HasCaughtUp { get; private set; }

    /// <summary>Whether a rollback reached below the settled figures, so that everything must be read again.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Reads the figures under the lock.</summary>
    /// <param name="look">Receives the figures, and the time of the chain's newest block (Unix seconds, 0 when unknown).</param>
    public T Read<T>(Func<ChainFigures, ulong, T> look)
    {
        lock (_gate) return look(_current, _headTime);
    }

    /// <summary>Applies a step, and returns the changes that gateways must be notified of.</summary>
    public IReadOnlySet<ChangeKind> Take(FollowStep step)
    {
        lock (_gate)
        {
            var changes = new HashSet<ChangeKind>();
            _position = step.Position;
            HasCaughtUp |= step.IsCaughtUp;
            if (step.IsCaughtUp && step.Head.KnownTimestamp is { } now) _headTime = now;
            if (step.Kind == FollowStepKind.RolledBack) Undo(step.Position.Next, changes);
            else Add(step, changes);
            return changes;
        }
    }

    /// <summary>The record to store.</summary>
    public ChainRecord Record()
    {
        lock (_gate)
        {
            return new ChainRecord
            {
                Of = _chain.Fingerprint(_ownPayer),
                Next = _position.Next,
                SettledBelow = _settledBelow,
                Marks = [.. _position.Marks.Select(mark => new KeptMark(mark.Number, mark.Hash.ToString()))],
                Settled = Copy(_settled),
                Recent = [.. _recent],
                HeadTime = _headTime,
                HasCaughtUp = HasCaughtUp,
            };
        }
    }

    private static ChainFigures Copy(ChainFigures figures) =>
        JsonSerializer.Deserialize<ChainFigures>(JsonSerializer.SerializeToUtf8Bytes(figures))!;

    private void Add(FollowStep step, HashSet<ChangeKind> changes)
    {
        Settle(step.UndoableFrom);
        foreach (var log in step.Logs)
        {
            if (_chain.HandlerOf(log) is not { } handler) continue;
            if (handler.Read(log) is not { } happened)
            {
                happened = new ChainEvent("unreadable", log.BlockNumber) { Time = log.BlockTimestamp };
            }
            else if (handler.Change is { } kind && handler.Concerns(happened, _ownPayer)) changes.Add(kind);
            if (log.BlockNumber < step.UndoableFrom) Apply(happened, _settled);
            else Remember(happened);
        }
    }

    private void Remember(ChainEvent happened)
    {
        if (_recent.Count == 0) _current = Copy(_settled);
        Apply(happened, _current);
        if (_recent.Count > 0
            && happened.Transaction is null
            && _recent[^1] is var last
            && last.Type == happened.Type
            && last.Block == happened.Block)
        {
            _recent[^1] = last with { Count = last.Count + 1 };
        }
        else
        {
            _recent.Add(happened);
        }
    }

    // Events that can no longer be undone are moved into the settled figures.
    private void Settle(ulong undoableFrom)
    {
        if (undoableFrom <= _settledBelow) return;
        _settledBelow = undoableFrom;
        if (_recent.Count == 0) return;
        var first = _recent.FindIndex(happened => happened.Block >= undoableFrom);
        var old = first < 0 ? _recent.Count : first;
        foreach (var happened in _recent.Take(old)) Apply(happened, _settled);
        _recent.RemoveRange(0, old);
        if (_recent.Count == 0) _current = _settled;
    }

    private void Undo(ulong from, HashSet<ChangeKind> changes)
    {
        if (from < _settledBelow)
        {
            // The rollback is deeper than the undoable events: none of the figures is valid.
            IsBroken = from > _begin;
            HasCaughtUp = false;
            _settled = new ChainFigures();
            _recent = [];
            _settledBelow = _begin;
            _current = _settled;
            changes.UnionWith(Enum.GetValues<ChangeKind>());
            return;
        }

        foreach (var gone in _recent.Where(happened => happened.Block >= from))
            if (_byType.TryGetValue(gone.Type, out var handler) && handler.Change is { } kind) changes.Add(kind);
        _recent.RemoveAll(happened => happened.Block >= from);
        Rebuild();
    }

    private void Rebuild()
    {
        _current = _recent.Count == 0 ? _settled : Copy(_settled);
        foreach (var happened in _recent) Apply(happened, _current);
    }

    private void Apply(ChainEvent happened, ChainFigures figures)
    {
        if (!_byType.TryGetValue(happened.Type, out var handler))
        {
            figures.Faults += happened.Count;
            return;
        }

        figures.Count(happened, handler.IsHistory);
        handler.Apply(happened, figures, _ownPayer);
    }
}
