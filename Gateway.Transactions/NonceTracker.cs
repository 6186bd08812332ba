using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Tracks how many of the account's nonces the chain has used, and wakes the pending transactions concerned.</summary>
/// <remarks>
/// Nonces are mined in order, so one count answers for all pending transactions at once. It is read at each new head,
/// after each send, and at intervals while anything is in flight; never twice in parallel. When only one transaction is
/// pending, every other read is replaced by a check for its receipt, which saves one call. While the contracts' events
/// are subscribed to, mined payloads are reported by their events: the read is delayed until these have arrived, and
/// finds what emits no event.
/// </remarks>
internal sealed class NonceTracker(
    PendingTransactions pendingTransactions, ChainPositions positions, AppChainTransactionOptions options, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(1);

    private readonly AsyncAutoResetEvent _wake = new();
    private ulong _mined;
    private bool _lastRead;

    /// <summary>The chain's next nonce, as last seen.</summary>
    internal ulong Mined => Volatile.Read(ref _mined);

    /// <summary>Whether the contracts' events arrive by subscription.</summary>
    internal bool HearsEvents { get; set; }

    /// <summary>Requests a read because something may have changed: a new head, or a transaction was sent.</summary>
    internal void RequestRead() => _wake.Set();

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
        while (true)
        {
            await _wake.WaitAsync(pendingTransactions.IsEmpty ? Idle : options.PollInterval, time, stoppingToken).ConfigureAwait(false);
            if (HearsEvents) await Task.Delay(options.EventTimeout, time, stoppingToken).ConfigureAwait(false);
            else if (LooksItself()) continue;
            if (!pendingTransactions.IsEmpty && await positions.MinedAsync(stoppingToken).ConfigureAwait(false) is { } count)
                Observe(count);
        }
    }

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
