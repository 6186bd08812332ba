using System.Text.Json;
using Xmtp.Gateway.Announcements;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Handlers;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>The figures of one chain, and how they are changed back: settled ones, and on top of them every event that may still be undone.</summary>
/// <remarks>Thread-safe. Undoing rebuilds the figures from the settled ones; that is rare and costs what the last few hundred blocks brought.</remarks>
internal sealed class ChainLedger
{
    private readonly WatchedChain chain;
    private readonly EthereumAddress? ownPayer;
    private readonly Lock gate = new();
    private readonly Dictionary<string, ChainEventHandler> byType;
    private List<ChainEvent> recent = [];
    private ChainFigures settled = new();
    private ChainFigures current;
    private FollowPosition position;
    private ulong settledBelow;
    private ulong headTime;

    /// <summary>Starts where a record ends, or empty.</summary>
    public ChainLedger(WatchedChain chain, EthereumAddress? ownPayer, ChainRecord? kept)
    {
        (this.chain, this.ownPayer) = (chain, ownPayer);
        byType = chain.Handlers.Values.ToDictionary(handler => handler.Type);
        (position, settledBelow, current) = (FollowPosition.From(chain.FirstBlock), chain.FirstBlock, settled);
        if (kept is null) return;
        (settled, settledBelow, position, headTime) = (kept.Settled, kept.SettledBelow, kept.Position(), kept.HeadTime);
        recent = [.. kept.Recent];
        Rebuild();
    }

    /// <summary>Where it is.</summary>
    public FollowPosition Position => position;

    /// <summary>Whether figures hold what was undone and cannot be made undone: everything has to be read anew.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Looks at the figures, while nothing changes them.</summary>
    /// <param name="look">Gets the figures, and the time of the chain's newest block (unix seconds, 0 when unknown).</param>
    public T Read<T>(Func<ChainFigures, ulong, T> look)
    {
        lock (gate) return look(current, headTime);
    }

    /// <summary>Takes a step, and returns what gateways have to hear of.</summary>
    public IReadOnlySet<ChangeKind> Take(FollowStep step)
    {
        lock (gate)
        {
            var news = new HashSet<ChangeKind>();
            position = step.Position;
            if (step.IsCaughtUp && step.Head.KnownTimestamp is { } now) headTime = now;
            if (step.Kind == FollowStepKind.RolledBack) Undo(step.Position.Next, news);
            else Add(step, news);
            return news;
        }
    }

    /// <summary>What to keep.</summary>
    public ChainRecord Record()
    {
        lock (gate)
        {
            return new ChainRecord
            {
                Of = chain.Fingerprint(ownPayer),
                Next = position.Next,
                SettledBelow = settledBelow,
                Marks = [.. position.Marks.Select(mark => new KeptMark(mark.Number, mark.Hash.ToString()))],
                Settled = Copy(settled),
                Recent = [.. recent],
                HeadTime = headTime,
            };
        }
    }

    private static ChainFigures Copy(ChainFigures figures) => JsonSerializer.Deserialize<ChainFigures>(JsonSerializer.SerializeToUtf8Bytes(figures))!;

    private void Add(FollowStep step, HashSet<ChangeKind> news)
    {
        Settle(step.UndoableFrom);
        foreach (var log in step.Logs)
        {
            if (log.Topics.Count == 0 || !chain.Handlers.TryGetValue(log.Topics[0], out var handler)) continue;
            if (handler.Read(log) is not { } happened) happened = new ChainEvent("unreadable", log.BlockNumber) { Time = log.BlockTimestamp };
            else if (handler.Change is { } kind && handler.Concerns(happened, ownPayer)) news.Add(kind);
            if (log.BlockNumber < step.UndoableFrom) Apply(happened, settled);
            else Remember(happened);
        }
    }

    private void Remember(ChainEvent happened)
    {
        if (recent.Count == 0) current = Copy(settled);
        Apply(happened, current);
        if (recent.Count > 0 && happened.Transaction is null && recent[^1] is var last && last.Type == happened.Type && last.Block == happened.Block)
            recent[^1] = last with { Count = last.Count + 1 };
        else
            recent.Add(happened);
    }

    // What can no longer be undone moves down into the settled figures.
    private void Settle(ulong undoableFrom)
    {
        if (undoableFrom <= settledBelow) return;
        settledBelow = undoableFrom;
        if (recent.Count == 0) return;
        var first = recent.FindIndex(happened => happened.Block >= undoableFrom);
        var old = first < 0 ? recent.Count : first;
        foreach (var happened in recent.Take(old)) Apply(happened, settled);
        recent.RemoveRange(0, old);
        if (recent.Count == 0) current = settled;
    }

    private void Undo(ulong from, HashSet<ChangeKind> news)
    {
        if (from < settledBelow)
        {
            // The chain is another one than it was: nothing of it holds.
            IsBroken = from > chain.FirstBlock;
            (settled, recent, settledBelow) = (new ChainFigures(), [], chain.FirstBlock);
            current = settled;
            news.UnionWith(Enum.GetValues<ChangeKind>());
            return;
        }

        foreach (var gone in recent.Where(happened => happened.Block >= from))
            if (byType.TryGetValue(gone.Type, out var handler) && handler.Change is { } kind) news.Add(kind);
        recent.RemoveAll(happened => happened.Block >= from);
        Rebuild();
    }

    private void Rebuild()
    {
        current = recent.Count == 0 ? settled : Copy(settled);
        foreach (var happened in recent) Apply(happened, current);
    }

    private void Apply(ChainEvent happened, ChainFigures figures)
    {
        if (!byType.TryGetValue(happened.Type, out var handler))
        {
            figures.Faults += happened.Count;
            return;
        }

        figures.Count(happened, handler.IsHistory);
        handler.Apply(happened, figures, ownPayer);
    }
}
