using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Withdraws transactions that were signed and not sent, and finds out what became of those that another process may have.
/// </summary>
internal sealed class TransactionWithdrawal(
    NonceManager nonces,
    NonceTracker tracker,
    NonceResync resync,
    PendingTransactionLookup lookup,
    BackgroundWork background,
    AppChainTransactionOptions options,
    TimeProvider time)
{
    /// <summary>
    /// Withdraws a transaction that was not sent. If the store may have it, it counts as not published only once the
    /// store has freed the nonce: until then a process that takes over the nonce may send it.
    /// </summary>
    /// <param name="held">The lease of its nonce.</param>
    /// <param name="signed">The transaction.</param>
    /// <param name="status">Why it was not sent.</param>
    /// <param name="timeoutToken">Cancelled when the caller stops waiting.</param>
    /// <returns>The outcome, and whether a retry at another nonce may succeed.</returns>
    internal async ValueTask<(TransactionOutcome Outcome, bool MayRetry)> WithdrawAsync(
        NonceLease held, SignedTransaction signed, NonceStoreStatus status, CancellationToken timeoutToken)
    {
        // A process that took the nonce over may have the transaction, also when the store says that the nonce is free.
        var wasLost = held.IsLost;
        var given = held.RefuseAsync();
        var notPublished = new TransactionOutcome(TransactionEnd.NotPublished);
        if (status is NonceStoreStatus.NotOwner or NonceStoreStatus.Used)
            return (notPublished with { IsNonceTaken = status == NonceStoreStatus.Used }, true);
        await held.WaitBrieflyAsync(given).ConfigureAwait(false);
        var freed = given.IsCompletedSuccessfully ? await given.ConfigureAwait(false) : NonceStoreStatus.Unavailable;
        if (freed == NonceStoreStatus.Done && !wasLost) return (notPublished, false);
        var settles = SettleAsync(given, signed, wasLost);
        if (freed is NonceStoreStatus.Done or NonceStoreStatus.NotOwner)
        {
            // Another lease holds the nonce, and usually uses it at once.
            try
            {
                var settled = await settles.WaitAsync(options.SendTimeout, time, timeoutToken).ConfigureAwait(false);
                return (settled, settled.End == TransactionEnd.NotPublished);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // The caller may wait no longer; the outcome follows in the background.
            }
        }

        return (new TransactionOutcome(TransactionEnd.InDoubt) { Settles = settles }, false);
    }

    private async Task<TransactionOutcome> SettleAsync(Task<NonceStoreStatus> given, SignedTransaction signed, bool wasLost)
    {
        await ((Task)given).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var status = given.IsCompletedSuccessfully ? await given.ConfigureAwait(false) : NonceStoreStatus.Unavailable;
        try
        {
            if (status == NonceStoreStatus.Done && !wasLost) return new TransactionOutcome(TransactionEnd.NotPublished);
            return status is NonceStoreStatus.Done or NonceStoreStatus.NotOwner
                ? await FindOutcomeAsync(signed, background.Stopping).ConfigureAwait(false)
                : new TransactionOutcome(TransactionEnd.InDoubt);
        }
        catch (OperationCanceledException)
        {
            return new TransactionOutcome(TransactionEnd.InDoubt);
        }
    }

    // Another lease holds the nonce, and usually uses it: for this transaction, if a process that took it over sent it, or for
    // another. In doubt when nobody has a transaction for it any more, and the chain did not use it.
    private async Task<TransactionOutcome> FindOutcomeAsync(SignedTransaction signed, CancellationToken stoppingToken)
    {
        var (heldSince, missingSince) = (time.GetTimestamp(), (long?)null);
        for (var pause = options.PollInterval; ; pause = DoublingPause.After(pause, options.LookupInterval))
        {
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
            // Nothing else may be in flight here, and then nobody else reads the count.
            if (tracker.Mined <= signed.Transaction.Nonce) await resync.ObserveAsync(stoppingToken).ConfigureAwait(false);
            if (tracker.Mined <= signed.Transaction.Nonce)
            {
                if (time.GetElapsedTime(heldSince) <= options.NonceStore.Lease + options.RecoveryInterval) continue;
                if (!await nonces.MayBeInDoubtAsync(signed.Transaction.Nonce, stoppingToken).ConfigureAwait(false))
                    return new TransactionOutcome(TransactionEnd.InDoubt);
                heldSince = time.GetTimestamp();
                continue;
            }

            var answer = await lookup.ReceiptAsync(
                signed.Hash, signed.Transaction.Nonce, EventSource.Of(signed.Transaction), stoppingToken).ConfigureAwait(false);
            if (answer.Error is not null) continue;
            if (answer.Value is { } receipt && (receipt is { Succeeded: false, IsStatusKnown: true } || receipt.Logs.Count > 0
                || (receipt.Succeeded && EventSource.Of(signed.Transaction) is null)))
            {
                var end = receipt.Succeeded ? TransactionEnd.Mined : TransactionEnd.Reverted;
                return new TransactionOutcome(end, receipt) { WasSent = true };
            }

            if (await lookup.UserAsync(signed.Transaction.Nonce, stoppingToken).ConfigureAwait(false) is { } user && user != signed.Hash)
            {
                var (used, found) = await lookup.FindOutcomeOfUserAsync(
                    signed.Transaction, signed.Transaction.Nonce, user, stoppingToken).ConfigureAwait(false);
                if (used == NonceOutcome.NotMined) return new TransactionOutcome(TransactionEnd.NotPublished);
                if (used == NonceOutcome.Mined && found is not null)
                    return new TransactionOutcome(TransactionEnd.Mined, found) { WasSent = true };
                if (used == NonceOutcome.Reverted) return new TransactionOutcome(TransactionEnd.Reverted, found) { WasSent = true };
            }

            var since = missingSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(since) > options.ReceiptTimeout) return new TransactionOutcome(TransactionEnd.InDoubt);
        }
    }
}
