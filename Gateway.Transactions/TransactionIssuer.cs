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
    PayloadSigning signing,
    TransactionWithdrawal withdrawal,
    GasLimits gas,
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
            signed = await signing.SignAsync(request, gasLimit, held.Nonce, timeoutToken).ConfigureAwait(false);
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
        if (status != NonceStoreStatus.Done)
            return await withdrawal.WithdrawAsync(held, signed, status, timeoutToken).ConfigureAwait(false);
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
