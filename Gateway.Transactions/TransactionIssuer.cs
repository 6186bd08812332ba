using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Makes a call a transaction at a nonce: prices, signs, stores and sends it, and waits for its end.</summary>
internal sealed class TransactionIssuer(
    MonitorRunner monitors,
    FeeOracle fees,
    GasLimits gas,
    ChainAccount account,
    AppChainTransactionOptions options,
    SubmissionFaults faults,
    TimeProvider time)
{
    /// <summary>Issues a call at a nonce. When nobody waits any more, what was sent goes on to its end in the background.</summary>
    /// <param name="request">The call.</param>
    /// <param name="gasLimit">The most gas that it may take.</param>
    /// <param name="held">Its nonce; disposed here.</param>
    /// <param name="retries">What is left of the call's attempts.</param>
    /// <param name="timeoutToken">Ends when nobody waits any more.</param>
    /// <returns>How it ended, and whether another nonce may do.</returns>
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
            signed = await SignAsync(
                quote.Write(account.ChainId, held.Nonce, request.To, request.Data, gasLimit), timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            return (new TransactionOutcome(TransactionEnd.TimedOut), false);
        }
#pragma warning disable CA1031 // A signer of someone else's may throw anything; nothing was stored or sent.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
            return (new TransactionOutcome(TransactionEnd.NotPublished), false);
        }

        var status = await StoreAsync(held, signed, request, timeoutToken).ConfigureAwait(false);
        if (status == NonceStoreStatus.Done && request.MayBeSent?.Invoke() == false) status = NonceStoreStatus.Unavailable;
        if (status != NonceStoreStatus.Done) return await WithdrawAsync(held, status).ConfigureAwait(false);
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
            for (var left = options.MaxTries; ; left--)
            {
                var status = await held.SignAsync(signed, AttemptKind.Payload, request.PayloadKey, timeoutToken).ConfigureAwait(false);
                if (status != NonceStoreStatus.PayloadPending || left <= 1) return status;
                // What ended elsewhere a moment ago may not have left the store yet.
                await Task.Delay(options.RetryDelay, time, timeoutToken).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A store that throws may have it all the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
            return NonceStoreStatus.Unavailable;
        }
    }

    /// <summary>
    /// A transaction was not sent, because it is not known to be stored. If it may be, it counts as not published only
    /// once the store has given it up: until then whoever takes the nonce over sends it.
    /// </summary>
    private static async ValueTask<(TransactionOutcome Outcome, bool MayRetry)> WithdrawAsync(NonceLease held, NonceStoreStatus status)
    {
        var given = held.RefuseAsync();
        var notPublished = new TransactionOutcome(TransactionEnd.NotPublished);
        if (status is NonceStoreStatus.NotOwner or NonceStoreStatus.Used) return (notPublished, true);
        if (status == NonceStoreStatus.PayloadPending) return (notPublished, false);
        await held.WaitBrieflyAsync(given).ConfigureAwait(false);
        if (given.IsCompletedSuccessfully && await given.ConfigureAwait(false) == NonceStoreStatus.Done) return (notPublished, false);
        return (new TransactionOutcome(TransactionEnd.InDoubt) { Settles = SettleAsync(given) }, false);
    }

    private static async Task<TransactionOutcome> SettleAsync(Task<NonceStoreStatus> given)
    {
        await ((Task)given).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isFree = given.IsCompletedSuccessfully && await given.ConfigureAwait(false) == NonceStoreStatus.Done;
        return new TransactionOutcome(isFree ? TransactionEnd.NotPublished : TransactionEnd.InDoubt);
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
            if (isTaken) (end, receipt) = await pending.Ended.Task.WaitAsync(timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            // The pending transaction goes on without us.
        }

        pending.MarkAbandoned();
        if (end == NonceOutcome.Reverted) gas.Forget(request.To, request.Data.Length);
        return end switch
        {
            NonceOutcome.NotLanded => (PendingTransactionOutcome.Of(pending, end, receipt), pending.Kind == AttemptKind.Payload),
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

    // False when no endpoint took it in time. A limited endpoint is waited for; what never left the monitor ends soon.
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
                if (pending.WasSent && pending.LastError is not { Kind: RpcErrorKind.RateLimited }) return false;
            }
        }
    }
}
