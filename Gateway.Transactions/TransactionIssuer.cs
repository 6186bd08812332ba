using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Issues a call as a transaction at a nonce: prices, signs, stores and sends it, and waits for its end.</summary>
internal sealed class TransactionIssuer(
    MonitorRunner monitors,
    PendingTransactions pendingTransactions,
    NonceManager nonces,
    NonceTracker tracker,
    NonceResync resync,
    PendingTransactionLookup lookup,
    BackgroundWork background,
    FeeOracle fees,
    GasLimits gas,
    ChainAccount account,
    AppChainTransactionOptions options,
    SubmissionFaults faults,
    TimeProvider time)
{
    /// <summary>
    /// Issues a call at a nonce. When the caller stops waiting, a transaction that was sent is monitored to its end in
    /// the background.
    /// </summary>
    /// <param name="request">The call.</param>
    /// <param name="gasLimit">The call's gas limit.</param>
    /// <param name="held">Its nonce; disposed here.</param>
    /// <param name="retries">The remaining send attempts of the call.</param>
    /// <param name="timeoutToken">Cancelled when the caller stops waiting.</param>
    /// <returns>The outcome, and whether a retry at another nonce may succeed.</returns>
    internal async Task<(TransactionOutcome Outcome, bool MayRetry)> IssueAsync(
        TransactionRequest request, ulong gasLimit, NonceLease held, SendRetries retries, CancellationToken timeoutToken)
    {
        using var span = TransactionTracing.Transaction(request.PayloadType, held.Nonce);
        var ended = await IssueOnceAsync(request, gasLimit, held, retries, timeoutToken).ConfigureAwait(false);
        TransactionTracing.Ended(span, ended.Outcome);
        return ended;
    }

    private async Task<(TransactionOutcome Outcome, bool MayRetry)> IssueOnceAsync(
        TransactionRequest request, ulong gasLimit, NonceLease held, SendRetries retries, CancellationToken timeoutToken)
    {
        await using var lease = held.ConfigureAwait(false);
        SignedTransaction signed;
        try
        {
            var quote = await fees.QuoteAsync(refresh: false, timeoutToken).ConfigureAwait(false);
            var unsigned = quote.Write(account.ChainId, held.Nonce, request.To, request.Data, gasLimit) with { Value = request.Value };
            signed = await SignAsync(unsigned, timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            return (new TransactionOutcome(TransactionEnd.TimedOut), false);
        }
#pragma warning disable CA1031 // An external signer may throw anything; nothing was stored or sent.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
            return (new TransactionOutcome(TransactionEnd.NotPublished), false);
        }

        var status = await StoreAsync(held, signed, request, timeoutToken).ConfigureAwait(false);
        if (status == NonceStoreStatus.PayloadPending) return await JoinAsync(held, request, timeoutToken).ConfigureAwait(false);
        if (status == NonceStoreStatus.Done && request.MayBeSent?.Invoke() == false) status = NonceStoreStatus.Unavailable;
        if (status != NonceStoreStatus.Done) return await WithdrawAsync(held, signed, status, timeoutToken).ConfigureAwait(false);
        var pending = new PendingTransaction(
            held, signed, AttemptKind.Payload, request.PayloadType, request.PayloadKey, time.GetTimestamp(), retries).MarkAwaited();
        monitors.Start(pending, isAdopted: false);
        return await AwaitAsync(pending, request, timeoutToken).ConfigureAwait(false);
    }

    private async ValueTask<NonceStoreStatus> StoreAsync(
        NonceLease held, SignedTransaction signed, TransactionRequest request, CancellationToken timeoutToken)
    {
        try
        {
            for (var left = options.MaxAttempts; ; left--)
            {
                var status = await held.SignAsync(signed, AttemptKind.Payload, request.PayloadKey, timeoutToken).ConfigureAwait(false);
                if (status != NonceStoreStatus.PayloadPending || left <= 1 || pendingTransactions.Find(request.PayloadKey) is not null)
                    return status;
                // A transaction that ended at another nonce a moment ago may still be in the store.
                await Task.Delay(options.RetryDelay, time, timeoutToken).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A store that throws may still have stored it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
            return NonceStoreStatus.Unavailable;
        }
    }

    /// <summary>
    /// Withdraws a transaction that was not sent. If the store may have it, it counts as not published only once the
    /// store has freed the nonce: until then a process that takes over the nonce may send it.
    /// </summary>
    private async ValueTask<(TransactionOutcome Outcome, bool MayRetry)> WithdrawAsync(
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

    /// <summary>
    /// Waits for the transaction of a lost process that publishes the same payload at another nonce, and gets its outcome.
    /// </summary>
    /// <remarks>
    /// A caller may claim the envelope before that transaction is taken over: the lost process's claim ended first. Its
    /// own nonce is released, so that nothing waits behind it. If another process takes the transaction over, the claim
    /// moves there, and the caller gets UNAVAILABLE.
    /// </remarks>
    private async ValueTask<(TransactionOutcome Outcome, bool MayRetry)> JoinAsync(
        NonceLease held, TransactionRequest request, CancellationToken timeoutToken)
    {
        var since = time.GetTimestamp();
        await held.DisposeAsync().ConfigureAwait(false);
        try
        {
            while (time.GetElapsedTime(since) < options.NonceStore.Lease + options.RecoveryInterval)
            {
                if (pendingTransactions.Find(request.PayloadKey) is { } pending)
                {
                    await ((Task)pending.Ended.Task).WaitAsync(timeoutToken).ConfigureAwait(false);
                    return (await PendingTransactionOutcome.SettleAsync(pending).ConfigureAwait(false), false);
                }

                await Task.Delay(options.PollInterval, time, timeoutToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            return (InDoubt(), false);
        }

        return (InDoubt() with { IsUntaken = true }, false);

        TransactionOutcome InDoubt() => new(TransactionEnd.InDoubt)
        {
            Settles = pendingTransactions.Find(request.PayloadKey) is { } pending ? PendingTransactionOutcome.SettleAsync(pending) : null,
        };
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
        for (var pause = options.PollInterval; ; pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval)
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

    private async Task<SignedTransaction> SignAsync(UnsignedTransaction unsigned, CancellationToken timeoutToken)
    {
        var transaction = Activity.Current;
        using var span = TransactionTracing.Sign();
        var signed = await unsigned.SignAsync(account.Signer, timeoutToken).AsTask().WaitAsync(timeoutToken).ConfigureAwait(false);
        if (span is not null) TransactionTracing.Signed(transaction, signed.Hash);
        return signed;
    }

    private async Task<(TransactionOutcome, bool)> AwaitAsync(
        PendingTransaction pending, TransactionRequest request, CancellationToken timeoutToken)
    {
        using var span = TransactionTracing.AwaitReceipt();
        var (end, receipt, isTaken) = (NonceOutcome.Unknown, (TransactionReceipt?)null, true);
        try
        {
            isTaken = await IsTakenAsync(pending, timeoutToken).ConfigureAwait(false);
            if (isTaken && await IsEndedAsync(pending, timeoutToken).ConfigureAwait(false))
                (end, receipt) = await pending.Ended.Task.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            // The transaction continues in the background.
        }

        pending.MarkAbandoned();
        if (end == NonceOutcome.Reverted) gas.Forget(request.To, request.Data.Length);
        return end switch
        {
            NonceOutcome.NotMined when pending.Kind == AttemptKind.Payload =>
                (PendingTransactionOutcome.Of(pending, end, receipt) with { IsNonceTaken = true }, true),
            NonceOutcome.Refused => PendingTransactionOutcome.Refused(pending),
            NonceOutcome.Unknown when !pending.Ended.Task.IsCompleted =>
                (PendingTransactionOutcome.Of(pending, end, receipt) with
                {
                    Settles = PendingTransactionOutcome.SettleAsync(pending),
                    IsUntaken = !isTaken,
                }, false),
            _ => (PendingTransactionOutcome.Of(pending, end, receipt), false),
        };
    }

    // False when the transaction waits for a lower nonce that nothing here was sent for, while the nonce store is unavailable:
    // without the store nobody can cancel that nonce.
    private async ValueTask<bool> IsEndedAsync(PendingTransaction pending, CancellationToken timeoutToken)
    {
        var blocked = new StoreOutage(options.NonceStore.StoreWaitTimeout, time);
        while (true)
        {
            try
            {
                await pending.Ended.Task.WaitAsync(EndpointState.CheckInterval, time, timeoutToken).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                var next = tracker.Mined;
                blocked.Note(
                    nonces.IsStoreUnavailable && next < pending.Nonce && pendingTransactions.All.All(other => other.Nonce != next));
                if (blocked.IsTooLong) return false;
            }
        }
    }

    // False when no endpoint accepted it in time, or answered. Waits on while the endpoint is rate-limited, and while nothing was sent.
    private async ValueTask<bool> IsTakenAsync(PendingTransaction pending, CancellationToken timeoutToken)
    {
        var taken = Task.WhenAny(pending.Accepted.Task, pending.Ended.Task);
        for (var wait = options.SendTimeout; ; wait = EndpointState.CheckInterval)
        {
            try
            {
                await taken.WaitAsync(wait, time, timeoutToken).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                var isSilent = pending.SendingSince is { } since && time.GetElapsedTime(since) >= options.SendTimeout;
                if ((pending.WasSent || isSilent) && pending.LastError is not { Kind: RpcErrorKind.RateLimited }) return false;
            }
        }
    }
}
