using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Sends cancellations for nonces that no lease holds while transactions of this payer wait above them.</summary>
/// <remarks>
/// It reads the chain's position for that, and so finds reorganizations and other senders too. Where nothing is in flight and
/// nothing has changed for a while, it reads less often: each reading is three requests that a provider charges for.
/// </remarks>
internal sealed partial class NonceGaps(
    NonceManager nonces,
    NonceResync resync,
    PendingTransactions pendingTransactions,
    NonceTracker tracker,
    TransactionReplacer replacer,
    MonitorRunner monitors,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<NonceGaps> logger)
{
    private (ulong Nonce, long Since)? _gap;
    private ChainPosition? _last;
    private long _readAt;
    private long _changedAt = time.GetTimestamp();

    /// <summary>Checks once for gaps and for the chain's position, and cancels the nonces of an old gap.</summary>
    internal async ValueTask CancelGapsAsync(CancellationToken cancellationToken)
    {
        if (await IsAtRestAsync(cancellationToken).ConfigureAwait(false)) return;
        var read = await resync.ObserveAsync(cancellationToken).ConfigureAwait(false);
        _readAt = time.GetTimestamp();
        if (read is null || read != _last || resync.Removed.Count > 0) _changedAt = _readAt;
        _last = read;
        if (read is not { } position || !await IsGapOldAsync(position, cancellationToken).ConfigureAwait(false)) return;
        var leases = await nonces.LeaseGapsAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var lease in leases) await CancelAsync(lease, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // If one of them failed, the others are free for the next check.
            foreach (var lease in leases) await lease.DisposeAsync().ConfigureAwait(false);
        }

        _gap = null;
    }

    // A store that does not answer may have transactions of other processes.
    private async ValueTask<bool> IsAtRestAsync(CancellationToken cancellationToken)
    {
        if (!pendingTransactions.IsEmpty || tracker.Mined != _last?.Mined) _changedAt = time.GetTimestamp();
        if (time.GetElapsedTime(_changedAt) < options.RestAfter || time.GetElapsedTime(_readAt) >= options.RestInterval) return false;
        var list = await nonces.Store.ListAsync(cancellationToken).ConfigureAwait(false);
        if (list.Status == NonceStoreStatus.Done && !list.Entries.Any(entry => entry.IsInDoubt)) return true;
        _changedAt = time.GetTimestamp();
        return false;
    }

    // A gap: no lease holds the mempool's next nonce, while transactions of this payer wait above it.
    private async ValueTask<bool> IsGapOldAsync(ChainPosition position, CancellationToken cancellationToken)
    {
        var list = await nonces.Store.ListAsync(cancellationToken).ConfigureAwait(false);
        var isGap = list.Entries.Any(entry => entry.IsInDoubt && entry.Nonce > position.Pending)
            && !list.Entries.Any(
                entry => entry.Nonce == position.Pending
                    && (entry.IsInDoubt || (entry.State == NonceState.Reserved && entry.LeaseUntil > list.Now)));
        if (!isGap) _gap = null;
        else if (_gap?.Nonce != position.Pending) _gap = (position.Pending, time.GetTimestamp());
        return _gap is { } found && time.GetElapsedTime(found.Since) >= options.GapTimeout;
    }

    private async ValueTask CancelAsync(NonceLease held, CancellationToken cancellationToken)
    {
        var signed = await replacer.SignCancellationAsync(held.Nonce, null, cancellationToken).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(options.NonceStore.StoreTimeout, time);
        if (await held.SignAsync(signed, AttemptKind.Cancellation, null, timeout.Token).ConfigureAwait(false) != NonceStoreStatus.Done)
        {
            await held.RefuseAsync().ConfigureAwait(false);
            return;
        }

        LogCancelling(logger, held.Nonce);
        monitors.Start(
            new PendingTransaction(
                held, signed, AttemptKind.Cancellation, "cancellation", null, time.GetTimestamp(), new SendRetries(options, time)),
            isAdopted: false);
    }

    [LoggerMessage(
        EventId = EventIds.NonceGapCancelled,
        Level = LogLevel.Warning,
        Message = "cancelling nonce {Nonce}, which is missing below others")]
    private static partial void LogCancelling(ILogger logger, ulong nonce);
}
