using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Makes a call a transaction at a nonce: prices, signs, stores and sends it, and waits for its end.</summary>
internal sealed class TransactionIssuer(
    MonitorRunner monitors, FeeOracle fees, GasLimits gas, ChainAccount account, AppChainTransactionOptions options, SubmissionFaults faults, TimeProvider time)
{
    private static readonly TimeSpan LookAtState = TimeSpan.FromMilliseconds(500);

    /// <summary>Issues a call at a nonce. When nobody waits any more, what was sent goes on to its end in the background.</summary>
    /// <param name="request">The call.</param>
    /// <param name="gasLimit">The most gas that it may take.</param>
    /// <param name="held">Its nonce; disposed here.</param>
    /// <param name="attempts">What is left of the call's attempts.</param>
    /// <param name="patience">Ends when nobody waits any more.</param>
    /// <returns>How it ended, and whether another nonce may do.</returns>
    internal async Task<(TransactionOutcome Outcome, bool MayRetry)> IssueAsync(TransactionRequest request, ulong gasLimit, NonceLease held, SendAttempts attempts, CancellationToken patience)
    {
        using var span = TransactionTracing.Transaction(request.PayloadType, held.Nonce);
        var ended = await IssueOnceAsync(request, gasLimit, held, attempts, patience).ConfigureAwait(false);
        TransactionTracing.Ended(span, ended.Outcome);
        return ended;
    }

    private async Task<(TransactionOutcome Outcome, bool MayRetry)> IssueOnceAsync(TransactionRequest request, ulong gasLimit, NonceLease held, SendAttempts attempts, CancellationToken patience)
    {
        await using var lease = held.ConfigureAwait(false);
        SignedTransaction signed;
        try
        {
            var quote = await fees.QuoteAsync(refresh: false, patience).ConfigureAwait(false);
            signed = await SignAsync(quote.Write(account.ChainId, held.Nonce, request.To, request.Data, gasLimit), patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return (new TransactionOutcome(TransactionEnd.TimedOut), false);
        }
#pragma warning disable CA1031 // A signer of someone else's may throw anything; nothing was stored or sent.
        catch (Exception error)
#pragma warning restore CA1031
        {
            faults.Log(error);
            return (new TransactionOutcome(TransactionEnd.NotPublished), false);
        }

        var verdict = await StoreAsync(held, signed, request, patience).ConfigureAwait(false);
        if (verdict == LedgerVerdict.Done && request.MayBeSent?.Invoke() == false) verdict = LedgerVerdict.Unavailable;
        if (verdict != LedgerVerdict.Done) return await WithdrawAsync(held, verdict).ConfigureAwait(false);
        var flight = new Flight(held, signed, VersionKind.Payload, request.PayloadType, request.PayloadKey, time.GetTimestamp(), attempts).Await();
        monitors.Start(flight, isAdopted: false);
        return await AwaitAsync(flight, request, patience).ConfigureAwait(false);
    }

    private async ValueTask<LedgerVerdict> StoreAsync(NonceLease held, SignedTransaction signed, TransactionRequest request, CancellationToken patience)
    {
        try
        {
            for (var left = options.MaxTries; ; left--)
            {
                var verdict = await held.SignAsync(signed, VersionKind.Payload, request.PayloadKey, patience).ConfigureAwait(false);
                if (verdict != LedgerVerdict.Elsewhere || left <= 1) return verdict;
                // What ended elsewhere a moment ago may not have left the ledger yet.
                await Task.Delay(options.RetryDelay, time, patience).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A store that throws may have it all the same.
        catch (Exception error)
#pragma warning restore CA1031
        {
            faults.Log(error);
            return LedgerVerdict.Unavailable;
        }
    }

    /// <summary>A transaction was not sent, because it is not known to be stored. If it may be, it counts as not published only once the store has given it up: until then whoever takes the nonce over sends it.</summary>
    private static async ValueTask<(TransactionOutcome Outcome, bool MayRetry)> WithdrawAsync(NonceLease held, LedgerVerdict verdict)
    {
        var given = held.RefuseAsync();
        var notPublished = new TransactionOutcome(TransactionEnd.NotPublished);
        if (verdict is LedgerVerdict.NotYours or LedgerVerdict.Used) return (notPublished, true);
        if (verdict == LedgerVerdict.Elsewhere) return (notPublished, false);
        await held.BrieflyAsync(given).ConfigureAwait(false);
        if (given.IsCompletedSuccessfully && await given.ConfigureAwait(false) == LedgerVerdict.Done) return (notPublished, false);
        return (new TransactionOutcome(TransactionEnd.InDoubt) { Settles = SettleAsync(given) }, false);
    }

    private static async Task<TransactionOutcome> SettleAsync(Task<LedgerVerdict> given)
    {
        await ((Task)given).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isFree = given.IsCompletedSuccessfully && await given.ConfigureAwait(false) == LedgerVerdict.Done;
        return new TransactionOutcome(isFree ? TransactionEnd.NotPublished : TransactionEnd.InDoubt);
    }

    private async Task<SignedTransaction> SignAsync(UnsignedTransaction unsigned, CancellationToken patience)
    {
        var transaction = Activity.Current;
        using var span = TransactionTracing.Sign();
        var signed = await unsigned.SignAsync(account.Signer, patience).AsTask().WaitAsync(patience).ConfigureAwait(false);
        if (span is not null) TransactionTracing.Signed(transaction, signed.Hash);
        return signed;
    }

    private async Task<(TransactionOutcome, bool)> AwaitAsync(Flight flight, TransactionRequest request, CancellationToken patience)
    {
        using var span = TransactionTracing.AwaitReceipt();
        var (end, receipt, isTaken) = (FlightEnd.Unknown, (TransactionReceipt?)null, true);
        try
        {
            isTaken = await IsTakenAsync(flight, patience).ConfigureAwait(false);
            if (isTaken) (end, receipt) = await flight.Ended.Task.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // The flight goes on without us.
        }

        flight.Leave();
        if (end == FlightEnd.Reverted) gas.Forget(request.To, request.Data.Length);
        return end switch
        {
            FlightEnd.NotLanded => (FlightOutcome.Of(flight, end, receipt), flight.Kind == VersionKind.Payload),
            FlightEnd.Refused => FlightOutcome.Refused(flight),
            FlightEnd.Unknown when !flight.Ended.Task.IsCompleted => (FlightOutcome.Of(flight, end, receipt) with { Settles = FlightOutcome.SettleAsync(flight), IsUntaken = !isTaken }, false),
            _ => (FlightOutcome.Of(flight, end, receipt), false),
        };
    }

    // False when no endpoint took it in time. A limited endpoint is waited for; what never left the pilot ends soon.
    private async ValueTask<bool> IsTakenAsync(Flight flight, CancellationToken patience)
    {
        var taken = Task.WhenAny(flight.Accepted.Task, flight.Ended.Task);
        for (var wait = options.SendTimeout; ; wait = LookAtState)
        {
            try
            {
                await taken.WaitAsync(wait, time, patience).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                if (flight.HasLeft && flight.LastError is not { Kind: RpcErrorKind.RateLimited }) return false;
            }
        }
    }
}
