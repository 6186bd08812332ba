using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Tracks how many of the account's nonces the chain has used, and wakes the pending transactions concerned.</summary>
/// <remarks>
/// Nonces are mined in order, so one count answers for all pending transactions at once. It is read at each new head,
/// after each send, and at intervals while anything is in flight; never twice in parallel. When only one transaction is
/// pending, every other read is replaced by a check for its receipt, which saves one call. While the contracts' events
/// are subscribed to, mined payloads are reported by their events: the read is delayed until these have arrived, and
/// finds what emits no event. While heads are subscribed to as well, a sent transaction is no reason to read, and the
/// intervals are longer.
/// </remarks>
internal sealed class NonceTracker(
    PendingTransactions pendingTransactions, ChainPositions positions, AppChainTransactionOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    private readonly AsyncAutoResetEvent _wake = new();
    private ulong _mined;
    private bool _lastRead;
    private long _askedAt;
    private int _mayHaveGoneBack;

    /// <summary>The chain's next nonce, as last seen.</summary>
    internal ulong Mined => Volatile.Read(ref _mined);

    /// <summary>Whether the contracts' events arrive by subscription.</summary>
    internal bool ReceivesEvents { get; set; }

    /// <summary>Whether new heads arrive by subscription.</summary>
    internal bool ReceivesHeads { get; set; }

    /// <summary>Whether everything that a read would find is delivered by subscription, but for what a broken one leaves out.</summary>
    internal bool IsSubscribed => ReceivesEvents && ReceivesHeads;

    /// <summary>Requests a read because something may have changed, such as by a new head.</summary>
    internal void RequestRead()
    {
        Interlocked.Exchange(ref _askedAt, time.GetTimestamp());
        _wake.Set();
    }

    /// <summary>A transaction is in flight: the intervals begin.</summary>
    internal void NoteSent()
    {
        if (!IsSubscribed) RequestRead();
        else _wake.Set();
    }

    /// <summary>The subscription showed that blocks were removed, or may have missed it.</summary>
    internal void NoteReorganization() => Volatile.Write(ref _mayHaveGoneBack, 1);

    /// <summary>Whether blocks may have been removed since the last call.</summary>
    internal bool TakeReorganization() => Interlocked.Exchange(ref _mayHaveGoneBack, 0) == 1;

    /// <summary>Records the count that the chain reported.</summary>
    internal void Observe(ulong count)
    {
        Volatile.Write(ref _mined, count);
        foreach (var pending in pendingTransactions.All)
        {
            if (pending.Nonce < count) pending.Wake.Set();
        }
    }

    /// <summary>
    /// Records that all nonces below <paramref name="count"/> are mined, whatever a lagging endpoint reports later.
    /// </summary>
    internal void AdvanceTo(ulong count)
    {
        if (Mined < count) Observe(count);
    }

    internal async Task RunAsync(CancellationToken stoppingToken)
    {
        var readAt = long.MinValue / 2;
        while (true)
        {
            var interval = pendingTransactions.IsEmpty ? Idle : IsSubscribed ? options.SubscribedPollInterval : options.PollInterval;
            await _wake.WaitAsync(interval, time, stoppingToken).ConfigureAwait(false);
            var askedAt = Interlocked.Exchange(ref _askedAt, 0);
            if (IsSubscribed && !IsAskedFor(askedAt) && !IsOverdue(readAt)) continue;
            if (ReceivesEvents) await Task.Delay(options.EventTimeout, time, stoppingToken).ConfigureAwait(false);
            else if (LooksItself()) continue;
            if (pendingTransactions.IsEmpty) continue;
            readAt = time.GetTimestamp();
            if (await positions.MinedAsync(stoppingToken).ConfigureAwait(false) is { } count) Observe(count);
        }
    }

    // A transaction that was signed after the head arrived is not in its block.
    private bool IsAskedFor(long askedAt) => pendingTransactions.All.Any(pending => pending.StartedAt <= askedAt);

    // A subscription that delivers nothing leaves a transaction waiting.
    private bool IsOverdue(long readAt) =>
        pendingTransactions.OldestAge >= options.SubscribedPollInterval && time.GetElapsedTime(readAt) >= options.SubscribedPollInterval;

    // Every other time only: a receipt check does not detect that another transaction has used the nonce.
    private bool LooksItself()
    {
        _lastRead = !_lastRead
            && pendingTransactions.Count == 1
            && pendingTransactions.All.FirstOrDefault() is { IsKnown: true } alone
            && alone.RequestReceiptCheck();
        return _lastRead;
    }

    public void Dispose() => _wake.Dispose();
}
