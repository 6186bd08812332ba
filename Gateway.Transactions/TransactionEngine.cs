using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Turns calls into mined transactions: prices, leases a nonce, signs, stores, sends, and waits for the end.</summary>
/// <remarks>
/// Whoever waits may leave: what was sent goes on to its end in the background. A call is given another nonce only when
/// it can no longer land at the one it had.
/// </remarks>
internal sealed partial class TransactionEngine(
    NonceDesk desk,
    FlightPilot pilot,
    Flights flights,
    FlightReplacer replacer,
    FeeOracle fees,
    GasLimits gas,
    ISigner signer,
    ulong chainId,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<TransactionEngine> logger) : IDisposable
{
    private static readonly TimeSpan LookAtState = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource stopping = new();
    private readonly LogThrottle notLaunched = new(TimeSpan.FromSeconds(10), time);

    /// <summary>Hears of each transaction of a lost process that is taken over. It goes on once the task ends.</summary>
    internal Func<AdoptedTransaction, Task> OnAdopted { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the endpoint last answered to a transaction that it did not take, and for how long it has taken none.</summary>
    internal (RpcError Error, TimeSpan For)? Trouble => pilot.Endpoint.Trouble;

    /// <summary>Publishes calls that must land in their order; side by side with every other caller's.</summary>
    /// <param name="requests">The calls.</param>
    /// <param name="timeout">How long the caller waits.</param>
    /// <param name="cancellationToken">Ends when the caller leaves.</param>
    /// <returns>One outcome a call, in order.</returns>
    internal async Task<TransactionOutcome[]> SubmitAsync(IReadOnlyList<TransactionRequest> requests, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var limit = new CancellationTokenSource(timeout, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token, stopping.Token);
        var outcomes = new TransactionOutcome[requests.Count];
        Array.Fill(outcomes, new TransactionOutcome(TransactionEnd.TimedOut));
        try
        {
            // No nonce is held while the chain is asked what the calls take.
            var limits = await Task.WhenAll(requests.Select(request => LimitAsync(request, patience.Token).AsTask())).ConfigureAwait(false);
            var places = Enumerable.Range(0, requests.Count).Where(i => limits[i].IsOk).ToList();
            for (var i = 0; i < limits.Length; i++)
            {
                if (limits[i].Error is { } error) outcomes[i] = Refusal(error);
            }

            await LaunchAllAsync(requests, places, limits, outcomes, start, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // What has no outcome yet was not sent.
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].End == TransactionEnd.Mined) metrics.Published(requests[i].PayloadType, time.GetElapsedTime(start));
        }

        return outcomes;
    }

    private async Task LaunchAllAsync(
        IReadOnlyList<TransactionRequest> requests, List<int> places, RpcResult<ulong>[] limits, TransactionOutcome[] outcomes, long start, CancellationToken patience)
    {
        var running = new List<Task<TransactionOutcome>>(places.Count);
        ulong? last = null;
        while (running.Count < places.Count)
        {
            var (leases, refusal) = await LeaseAsync(places.Count - running.Count, last, start, patience).ConfigureAwait(false);
            if (refusal is not null)
                foreach (var place in places.Skip(running.Count)) outcomes[place] = new TransactionOutcome(TransactionEnd.NotPublished, Error: refusal);
            if (leases.Count == 0) break;
            foreach (var lease in leases)
            {
                var place = places[running.Count];
                running.Add(LaunchAsync(requests[place], limits[place].Value, lease, mayMove: places.Count == 1, patience));
            }

            last = leases[^1].Nonce;
        }

        var ended = await Task.WhenAll(running).ConfigureAwait(false);
        for (var i = 0; i < ended.Length; i++) outcomes[places[i]] = ended[i];
    }

    /// <param name="request">The call.</param>
    /// <param name="gasLimit">The most gas that it may take.</param>
    /// <param name="lease">Its first nonce; disposed here.</param>
    /// <param name="mayMove">Whether it may take a later nonce when it cannot land at this one: not when others must come after it.</param>
    /// <param name="patience">Ends when nobody waits any more.</param>
    private async Task<TransactionOutcome> LaunchAsync(TransactionRequest request, ulong gasLimit, NonceLease lease, bool mayMove, CancellationToken patience)
    {
        var (wasSent, start) = (false, time.GetTimestamp());
        var attempts = new SendAttempts(options, time);
        for (var left = options.MaxTries; ; left--)
        {
            var (outcome, mayRetry) = await LaunchTracedAsync(request, gasLimit, lease, attempts, patience).ConfigureAwait(false);
            wasSent |= outcome.WasSent;
            outcome = outcome with { WasSent = wasSent };
            if (!mayRetry || !mayMove || left <= 1 || attempts.AreOver || patience.IsCancellationRequested) return outcome;
            // Whose nonce somebody else took goes on at once, and whom an endpoint refused after a pause.
            if (outcome.Error?.Kind is RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow && !outcome.WasSent && !await TryNextAsync(attempts, patience).ConfigureAwait(false)) return outcome;
            var (leases, _) = await LeaseAsync(1, null, start, patience).ConfigureAwait(false);
            if (leases.Count == 0) return outcome;
            lease = leases[0];
        }
    }

    private static async ValueTask<bool> TryNextAsync(SendAttempts attempts, CancellationToken patience)
    {
        try
        {
            return await attempts.NextAsync(patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // A limited endpoint is waited for, and one that does not answer for no longer than for a sending.
    private async ValueTask<RpcResult<ulong>> LimitAsync(TransactionRequest request, CancellationToken patience)
    {
        for (var pause = options.RetryDelay; ; pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval)
        {
            var asking = gas.LimitAsync(request.To, request.Data, patience);
            RpcResult<ulong> answer;
            try
            {
                answer = asking.IsCompletedSuccessfully
                    ? await asking.ConfigureAwait(false)
                    : await asking.AsTask().WaitAsync(options.SendTimeout, time, patience).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return RpcError.Transport("eth_estimateGas", "no answer came in time");
            }

            if (answer.Error is not { Kind: RpcErrorKind.RateLimited } limited) return answer;
            await Task.Delay(limited.RetryAfter > pause ? limited.RetryAfter.Value : pause, time, patience).ConfigureAwait(false);
        }
    }

    // Whatever a store throws: what was sent for others of the batch must keep its outcome.
    private async ValueTask<(IReadOnlyList<NonceLease> Leases, RpcError? Refusal)> LeaseAsync(int count, ulong? above, long start, CancellationToken patience)
    {
        try
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(patience);
            var leasing = desk.LeaseAsync(count, above, given.Token).AsTask();
            while (!leasing.IsCompleted)
            {
                await ((Task)leasing).WaitAsync(LookAtState, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (leasing.IsCompleted || time.GetElapsedTime(start) < options.SendTimeout || RefusalOf() is not { } error) continue;
                await given.CancelAsync().ConfigureAwait(false);
                return (await leasing.ConfigureAwait(false), error);
            }

            return (await leasing.ConfigureAwait(false), null);
        }
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (notLaunched.TryPass(out var heldBack)) LogNotLaunched(logger, heldBack, error);
            return ([], null);
        }
    }

    // Why no nonce comes free, or none can be given out: the endpoint has taken and told nothing for a while.
    private RpcError? RefusalOf() =>
        pilot.Endpoint.Refuses(options.SendTimeout) ? pilot.Endpoint.Trouble?.Error
        : desk.Chain.Refuses(options.SendTimeout) ? desk.Chain.Trouble?.Error
        : null;

    private async Task<(TransactionOutcome Outcome, bool MayRetry)> LaunchTracedAsync(TransactionRequest request, ulong gasLimit, NonceLease held, SendAttempts attempts, CancellationToken patience)
    {
        using var span = TransactionTracing.Transaction(request.PayloadType, held.Nonce);
        var ended = await LaunchOnceAsync(request, gasLimit, held, attempts, patience).ConfigureAwait(false);
        TransactionTracing.Ended(span, ended.Outcome);
        return ended;
    }

    private async Task<(TransactionOutcome Outcome, bool MayRetry)> LaunchOnceAsync(TransactionRequest request, ulong gasLimit, NonceLease held, SendAttempts attempts, CancellationToken patience)
    {
        await using var lease = held.ConfigureAwait(false);
        SignedTransaction signed;
        try
        {
            var quote = await fees.QuoteAsync(refresh: false, patience).ConfigureAwait(false);
            signed = await SignAsync(quote.Write(chainId, held.Nonce, request.To, request.Data, gasLimit), patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return (new TransactionOutcome(TransactionEnd.TimedOut), false);
        }
#pragma warning disable CA1031 // A signer of someone else's may throw anything; nothing was stored or sent.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (notLaunched.TryPass(out var heldBack)) LogNotLaunched(logger, heldBack, error);
            return (new TransactionOutcome(TransactionEnd.NotPublished), false);
        }

        var verdict = await StoreAsync(held, signed, request, patience).ConfigureAwait(false);
        if (verdict == LedgerVerdict.Done && request.MayBeSent?.Invoke() == false) verdict = LedgerVerdict.Unavailable;
        if (verdict != LedgerVerdict.Done) return await WithdrawAsync(held, verdict).ConfigureAwait(false);
        var flight = new Flight(held, signed, VersionKind.Payload, request.PayloadType, request.PayloadKey, time.GetTimestamp(), attempts).Await();
        return await AwaitAsync(Fly(flight, isAdopted: false), request, patience).ConfigureAwait(false);
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
            if (notLaunched.TryPass(out var heldBack)) LogNotLaunched(logger, heldBack, error);
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
        var signed = await unsigned.SignAsync(signer, patience).AsTask().WaitAsync(patience).ConfigureAwait(false);
        if (span is not null) TransactionTracing.Signed(transaction, signed.Hash);
        return signed;
    }

    /// <summary>Takes over what a lost process had in flight, with every transaction that it signed for the nonce.</summary>
    internal async ValueTask AdoptAsync(NonceEntry entry, CancellationToken cancellationToken)
    {
        var (lease, newest) = (desk.Adopt(entry), entry.Versions.Count > 0 ? entry.Versions[^1] : null);
        var kind = newest?.Kind ?? VersionKind.Fill;
        if (!SignedTransactionReader.TryRead(entry.Raw, out var signed) || signed.Transaction.Nonce != entry.Nonce || signed.Sender != signer.Address)
        {
            LogUnreadable(logger, entry.Nonce);
            if (await CancelAsync(lease, newest, cancellationToken).ConfigureAwait(false) is not { } cancellation) return;
            (signed, kind) = (cancellation, VersionKind.Fill);
        }
        else if (newest?.Hash != signed.Hash)
        {
            // The entry is spoiled, and the transaction is not: what it does can be told from itself.
            kind = signed.Transaction.Data.IsEmpty ? VersionKind.Fill : VersionKind.Payload;
        }

        LogAdopted(logger, entry.Nonce, signed.Hash);
        var flight = new Flight(lease, signed, kind, "adopted", newest?.PayloadKey, time.GetTimestamp(), new SendAttempts(options, time), entry.Versions);
        try
        {
            await OnAdopted(new AdoptedTransaction(signed.Transaction, flight.PayloadKey, SettleAsync(flight))).ConfigureAwait(false);
        }
        finally
        {
            Fly(flight, isAdopted: true);
        }
    }

    /// <summary>Signs and stores what is to use a nonce up whose stored transaction cannot be read. It is sent when that one is not on its way, or stuck.</summary>
    /// <returns>Null when it cannot be signed or stored now: then the lease ends, and it is tried again.</returns>
    private async ValueTask<SignedTransaction?> CancelAsync(NonceLease lease, TransactionVersion? newest, CancellationToken cancellationToken)
    {
        try
        {
            var signed = await replacer.SignFillAsync(lease.Nonce, newest, cancellationToken).ConfigureAwait(false);
            using var patience = new CancellationTokenSource(options.Ledger.StoreTimeout, time);
            // Where the chain has used the nonce nothing more is stored or sent; what did it is looked up all the same.
            if (await lease.SignAsync(signed, VersionKind.Fill, newest?.PayloadKey, patience.Token).ConfigureAwait(false) is LedgerVerdict.Done or LedgerVerdict.Used) return signed;
        }
#pragma warning disable CA1031 // Whatever a signer or a store throws: the others are to be taken over.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (notLaunched.TryPass(out var heldBack)) LogNotLaunched(logger, heldBack, error);
        }

        await lease.LeaveAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Uses up a nonce that is missing below others.</summary>
    internal async ValueTask FillAsync(NonceLease held, CancellationToken cancellationToken)
    {
        await using var lease = held.ConfigureAwait(false);
        var signed = await replacer.SignFillAsync(held.Nonce, null, cancellationToken).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(options.Ledger.StoreTimeout, time);
        if (await held.SignAsync(signed, VersionKind.Fill, null, patience.Token).ConfigureAwait(false) != LedgerVerdict.Done)
        {
            await held.RefuseAsync().ConfigureAwait(false);
            return;
        }

        LogFilling(logger, held.Nonce);
        Fly(new Flight(held, signed, VersionKind.Fill, "fill", null, time.GetTimestamp(), new SendAttempts(options, time)), isAdopted: false);
    }

    /// <summary>Stops the flights where they are; the ledger knows them, and whoever comes next takes them on.</summary>
    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private Flight Fly(Flight flight, bool isAdopted)
    {
        flights.Add(flight);
        _ = Task.Run(() => FlyAsync(flight, isAdopted, stopping.Token), CancellationToken.None);
        return flight;
    }

    private async Task FlyAsync(Flight flight, bool isAdopted, CancellationToken stop)
    {
        try
        {
            flight.Ended.TrySetResult(await pilot.FlyAsync(flight, isAdopted, stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            flight.Ended.TrySetResult((FlightEnd.Unknown, null));
        }
#pragma warning disable CA1031 // A signer of someone else's may throw anything; the nonce stays in the ledger, and its lease ends.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogCrashed(logger, flight.Nonce, error);
            await flight.Lease.LeaveAsync().ConfigureAwait(false);
            flight.Ended.TrySetResult((FlightEnd.Unknown, null));
        }
        finally
        {
            flights.Remove(flight);
        }
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
            FlightEnd.NotLanded => (Outcome(flight, end, receipt), flight.Kind == VersionKind.Payload),
            FlightEnd.Refused => Refused(flight),
            FlightEnd.Unknown when !flight.Ended.Task.IsCompleted => (Outcome(flight, end, receipt) with { Settles = SettleAsync(flight), IsUntaken = !isTaken }, false),
            _ => (Outcome(flight, end, receipt), false),
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

    private static async Task<TransactionOutcome> SettleAsync(Flight flight)
    {
        var (end, receipt) = await flight.Ended.Task.ConfigureAwait(false);
        return Outcome(flight, end, receipt);
    }

    private static TransactionOutcome Outcome(Flight flight, FlightEnd end, TransactionReceipt? receipt) => end switch
    {
        FlightEnd.Mined => new TransactionOutcome(TransactionEnd.Mined, receipt) { Kept = () => flight.Kept.TrySetResult() },
        FlightEnd.Reverted => new TransactionOutcome(TransactionEnd.Reverted, receipt) { WasSent = true },
        FlightEnd.NotLanded => new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError) { WasSent = true },
        FlightEnd.Refused => Refused(flight).Outcome,
        _ => new TransactionOutcome(TransactionEnd.InDoubt, Error: flight.LastError),
    };

    // Underpriced here means that someone else's transaction waits at that nonce: another nonce may do.
    private static (TransactionOutcome Outcome, bool MayRetry) Refused(Flight flight) => flight.LastError?.Kind switch
    {
        RpcErrorKind.InsufficientFunds => (new TransactionOutcome(TransactionEnd.NoFunds, Error: flight.LastError), false),
        RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow => (new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError), true),
        _ => (new TransactionOutcome(TransactionEnd.NotPublished, Error: flight.LastError), false),
    };

    private static TransactionOutcome Refusal(RpcError error) => error.Kind switch
    {
        RpcErrorKind.Reverted => new TransactionOutcome(TransactionEnd.Reverted, Error: error),
        RpcErrorKind.InsufficientFunds => new TransactionOutcome(TransactionEnd.NoFunds, Error: error),
        _ => new TransactionOutcome(TransactionEnd.NotPublished, Error: error),
    };

    [LoggerMessage(EventId = 3305, Level = LogLevel.Warning, Message = "took over nonce {Nonce} from a process that is gone; its transaction is {Hash}")]
    private static partial void LogAdopted(ILogger logger, ulong nonce, Bytes32 hash);

    [LoggerMessage(EventId = 3306, Level = LogLevel.Error, Message = "the stored transaction of nonce {Nonce} cannot be read; if it was never sent, or is stuck, it is cancelled")]
    private static partial void LogUnreadable(ILogger logger, ulong nonce);

    [LoggerMessage(EventId = 3307, Level = LogLevel.Warning, Message = "filling nonce {Nonce}, which is missing below others")]
    private static partial void LogFilling(ILogger logger, ulong nonce);

    [LoggerMessage(EventId = 3311, Level = LogLevel.Error, Message = "a transaction could not be signed or stored ({HeldBack} such lines were left out since the last one)")]
    private static partial void LogNotLaunched(ILogger logger, long heldBack, Exception error);

    [LoggerMessage(EventId = 3308, Level = LogLevel.Error, Message = "watching nonce {Nonce} failed; it is taken over when its lease ends")]
    private static partial void LogCrashed(ILogger logger, ulong nonce, Exception error);
}
