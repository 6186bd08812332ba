using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions;

/// <summary>The transactions that this process has in flight.</summary>
internal sealed class PendingTransactions(TimeProvider time)
{
    private readonly ConcurrentDictionary<PendingTransaction, byte> _all = new();

    internal bool IsEmpty => !All.Any();

    /// <summary>Whether no transaction is monitored: none is in flight, and the results of all are stored.</summary>
    internal bool AreAllStored => _all.IsEmpty;

    /// <summary>
    /// Those that have not ended on the chain. A mined one whose result is not stored yet is still monitored, but
    /// not in flight.
    /// </summary>
    internal IEnumerable<PendingTransaction> All => Monitored.Where(pending => !pending.Ended.Task.IsCompleted);

    internal int Count => All.Count();

    internal int InDoubt => All.Count(pending => !pending.IsKnown);

    internal TimeSpan OldestAge => All.Select(pending => time.GetElapsedTime(pending.StartedAt)).DefaultIfEmpty().Max();

    /// <summary>
    /// Handles an event of the contracts: ends the pending transaction that emitted it, if there is one here.
    /// </summary>
    internal void MarkMined(LogEntry log)
    {
        if (log.Removed) return;
        foreach (var pending in All)
            if (pending.TryMarkMined(log)) return;
    }

    /// <summary>
    /// The transaction that publishes this payload, or published it and is still monitored; null when there is none here.
    /// </summary>
    internal PendingTransaction? Find(Bytes32? payloadKey) => payloadKey is { } key
        ? Monitored.FirstOrDefault(
            pending => pending.PayloadKey == key
                && (!pending.Ended.Task.IsCompletedSuccessfully || pending.Ended.Task.Result.End == NonceOutcome.Mined))
        : null;

    internal void Add(PendingTransaction pending) => _all[pending] = 0;

    internal void Remove(PendingTransaction pending) => _all.TryRemove(pending, out _);

    // Without the dictionary's locks, which its Keys would take.
    private IEnumerable<PendingTransaction> Monitored => _all.Select(entry => entry.Key);
}
