using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Follows how many of our nonces the chain has used, and wakes the pending transactions that this concerns.</summary>
/// <remarks>
/// Nonces are mined in order, so one count tells about every pending transaction at once, whatever their number. It is asked for at
/// each new head, after each sending, and at intervals while anything is in flight; never twice at a time. A pending transaction that
/// is alone looks for its receipt instead, every other time: that is one question less. While the contracts' events are
/// heard of, what landed has said so itself: the question waits for that, and finds what makes no event.
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

    /// <summary>Whether the contracts' events are told unasked.</summary>
    internal bool HearsEvents { get; set; }

    /// <summary>Something may have changed: a new head, or a transaction was sent.</summary>
    internal void RequestRead() => _wake.Set();

    /// <summary>The chain said this.</summary>
    internal void Observe(ulong count)
    {
        Volatile.Write(ref _mined, count);
        foreach (var pending in pendingTransactions.All)
        {
            if (pending.Nonce < count) pending.Wake.Set();
        }
    }

    /// <summary>All below is mined, whatever an endpoint that lags behind says next.</summary>
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

    // Every other time only: a receipt tells nothing of a nonce that something else has used.
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
