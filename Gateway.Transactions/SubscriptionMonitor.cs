using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Detects a subscription that stopped without an error: a transaction was mined, and neither its event nor the head of
/// its block was delivered.
/// </summary>
/// <remarks>Thread-safe. Only transactions that were signed here while the subscription was active count.</remarks>
internal sealed class SubscriptionMonitor(TimeProvider time)
{
    private const int MaxMissing = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<Bytes32, long> _missingEvents = [];
    private long? _eventsSince;
    private long? _headsSince;
    private ulong _newestHead;
    private ulong _missingHead;
    private long? _headMissingSince;

    /// <summary>The subscription to events is active from now on, or is not.</summary>
    internal void SetEvents(bool areLive)
    {
        lock (_gate)
        {
            _eventsSince = areLive ? time.GetTimestamp() : null;
            _missingEvents.Clear();
        }
    }

    /// <summary>The subscription to heads is active from now on, or is not.</summary>
    internal void SetHeads(bool areLive)
    {
        lock (_gate)
        {
            _headsSince = areLive ? time.GetTimestamp() : null;
            _headMissingSince = null;
            _newestHead = 0;
        }
    }

    /// <summary>An event was delivered. Its pending transaction must know of it before this call.</summary>
    internal void OnEvent(Bytes32 transaction)
    {
        lock (_gate) _missingEvents.Remove(transaction);
    }

    /// <summary>A head was delivered.</summary>
    internal void OnHead(ulong number)
    {
        lock (_gate)
        {
            _newestHead = Math.Max(_newestHead, number);
            if (_newestHead >= _missingHead) _headMissingSince = null;
        }
    }

    /// <summary>A transaction was found mined.</summary>
    /// <param name="pending">The transaction.</param>
    /// <param name="receipt">The receipt of the attempt that was mined.</param>
    /// <param name="hasEvent">Whether that attempt emitted an event of the contracts.</param>
    internal void Observe(PendingTransaction pending, TransactionReceipt receipt, bool hasEvent)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            if (hasEvent && _eventsSince <= pending.StartedAt && _missingEvents.Count < MaxMissing)
                _missingEvents[receipt.TransactionHash] = now;
            // The event's thread may have been faster.
            if (pending.MinedReceipt is not null) _missingEvents.Remove(receipt.TransactionHash);
            if (_headsSince <= pending.StartedAt && receipt.BlockNumber > _newestHead)
            {
                _missingHead = Math.Max(receipt.BlockNumber, _headMissingSince is null ? 0 : _missingHead);
                _headMissingSince ??= now;
            }
        }
    }

    /// <summary>What was not delivered for this long; null when nothing is missing.</summary>
    internal string? FindMissing(TimeSpan after)
    {
        lock (_gate)
        {
            if (_missingEvents.Values.Any(since => time.GetElapsedTime(since) >= after)) return "events";
            return _headMissingSince is { } missing && time.GetElapsedTime(missing) >= after ? "heads" : null;
        }
    }
}
