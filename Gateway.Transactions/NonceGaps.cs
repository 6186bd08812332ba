using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Sends cancellations for nonces that no lease holds while transactions of this payer wait above them.</summary>
/// <remarks>
/// It reads the chain's position for that, and so finds reorganizations and other senders too. A reading is three requests that a
/// provider charges for, so it is only made when the lowest nonce in flight has not ended within one interval, or when the chain
/// may not be where the store says: the count of mined transactions alone tells that. The count is read at intervals that double
/// after the last transaction, and at the longest of them only where a subscription tells of new and removed blocks; while the
/// account is not in use it is not read.
/// </remarks>
internal sealed partial class NonceGaps(
    NonceManager nonces,
    NonceResync resync,
    ChainPositions positions,
    NonceTracker tracker,
    TransactionReplacer replacer,
    MonitorRunner monitors,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<NonceGaps> logger,
    AccountUse? use = null)
{
    private (ulong Nonce, long Since)? _gap;
    private ChainPosition? _last;
    private ulong? _lowest;
    private ulong _counted;
    private bool _isBehind;
    private TimeSpan _interval = options.RecoveryInterval;
    private long _countedAt;

    /// <summary>Checks once for gaps and for the chain's position, and cancels the nonces of an old gap.</summary>
    internal async ValueTask CancelGapsAsync(CancellationToken cancellationToken)
    {
        if (!await IsReadingDueAsync(cancellationToken).ConfigureAwait(false))
        {
            _gap = null;
            return;
        }

        _last = await resync.ObserveAsync(cancellationToken).ConfigureAwait(false);
        _counted = tracker.Mined;
        _countedAt = time.GetTimestamp();
        if (_last is not { } position || !await IsGapOldAsync(position, cancellationToken).ConfigureAwait(false)) return;
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

    private async ValueTask<bool> IsReadingDueAsync(CancellationToken cancellationToken)
    {
        var list = await nonces.Store.ListAsync(cancellationToken).ConfigureAwait(false);
        var (before, wentBack) = (_lowest, tracker.TakeReorganization() | tracker.Mined < _counted);
        ulong? lowest = null;
        foreach (var entry in list.Entries)
            if (entry.IsInDoubt && (lowest is null || entry.Nonce < lowest)) lowest = entry.Nonce;
        _lowest = lowest;
        if (lowest is not null || tracker.Mined != _counted) _interval = options.RecoveryInterval;
        _counted = tracker.Mined;
        // A store that does not answer may have transactions of other processes.
        if (list.Status != NonceStoreStatus.Done || _last is null || _isBehind || wentBack || resync.Removed.Count > 0) return true;
        return lowest is not null ? lowest == before : await HasMovedAsync(list, cancellationToken).ConfigureAwait(false);
    }

    // Nothing is in flight. Another sender's transactions in the mempool are looked at until they are gone.
    private async ValueTask<bool> HasMovedAsync(NonceEntries list, CancellationToken cancellationToken)
    {
        if (use is { HasEnded: true }) return false;
        var known = Math.Max(tracker.Mined, list.Floor);
        if (time.GetElapsedTime(_countedAt) < (tracker.IsSubscribed ? options.RestInterval : _interval)) return false;
        _countedAt = time.GetTimestamp();
        _interval = DoublingPause.After(_interval, options.RestInterval);
        if (_last!.Pending > known) return true;
        return await positions.MinedAsync(cancellationToken).ConfigureAwait(false) != known;
    }

    // A gap: no lease holds the mempool's next nonce, while transactions of this payer wait above it.
    private async ValueTask<bool> IsGapOldAsync(ChainPosition position, CancellationToken cancellationToken)
    {
        var list = await nonces.Store.ListAsync(cancellationToken).ConfigureAwait(false);
        _isBehind = position.Mined < list.Floor;
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
