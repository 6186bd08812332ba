using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Turns calls into mined transactions: gets their gas limits, leases nonces, issues the transactions, and retries
/// them at other nonces.
/// </summary>
/// <remarks>
/// A caller may stop waiting: a transaction that was sent continues to its end in the background. A call gets another
/// nonce only when it can no longer be mined at its current one.
/// </remarks>
internal sealed class TransactionManager(
    NonceManager nonces,
    NonceResync resync,
    TransactionIssuer issuer,
    TransactionSender sender,
    GasLimits gas,
    Receipts receipts,
    BackgroundWork background,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    SubmissionFaults faults,
    TimeProvider time)
{
    /// <summary>
    /// The error that a submission would wait for or fail with now, and how long it has lasted; null when none is known.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble =>
        sender.State.Trouble ?? nonces.Chain.Trouble ?? receipts.State.Trouble ?? gas.State.Trouble;

    /// <summary>Whether the nonce store did not answer the last call.</summary>
    internal bool IsStoreUnavailable => nonces.IsStoreUnavailable;

    /// <summary>Publishes calls that must be mined in their order; concurrently with those of other callers.</summary>
    /// <param name="requests">The calls.</param>
    /// <param name="timeout">How long the caller waits.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    /// <returns>One outcome per call, in order.</returns>
    internal async Task<TransactionOutcome[]> SubmitAsync(
        IReadOnlyList<TransactionRequest> requests, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var timeoutSource = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeoutSource.Token, background.Stopping);
        var outcomes = new TransactionOutcome[requests.Count];
        Array.Fill(outcomes, new TransactionOutcome(TransactionEnd.TimedOut));
        try
        {
            // No nonce is held while the gas limits are estimated.
            var limits = await Task.WhenAll(
                requests.Select(
                    request => gas.LimitWhenServedAsync(request.To, request.Data, linked.Token).AsTask())).ConfigureAwait(false);
            var places = Enumerable.Range(0, requests.Count).Where(i => limits[i].IsOk).ToList();
            for (var i = 0; i < limits.Length; i++)
            {
                if (limits[i].Error is { } error) outcomes[i] = Refusal(error);
            }

            await SendAllAsync(requests, places, limits, outcomes, start, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // A call without an outcome was not sent.
        }

        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].End == TransactionEnd.Mined) metrics.Published(requests[i].PayloadType, time.GetElapsedTime(start));
        }

        return outcomes;
    }

    private async Task SendAllAsync(
        IReadOnlyList<TransactionRequest> requests,
        List<int> places,
        RpcResult<ulong>[] limits,
        TransactionOutcome[] outcomes,
        long start,
        CancellationToken timeoutToken)
    {
        var running = new List<Task<TransactionOutcome>>(places.Count);
        ulong? last = null;
        while (running.Count < places.Count)
        {
            var (leases, refusal) = await LeaseAsync(places.Count - running.Count, last, start, timeoutToken).ConfigureAwait(false);
            if (refusal is not null)
                foreach (var place in places.Skip(running.Count))
                    outcomes[place] = new TransactionOutcome(TransactionEnd.NotPublished, Error: refusal);
            if (leases.Count == 0) break;
            foreach (var lease in leases)
            {
                var place = places[running.Count];
                running.Add(SendAsync(requests[place], limits[place].Value, lease, mayMove: places.Count == 1, timeoutToken));
            }

            last = leases[^1].Nonce;
        }

        var ended = await Task.WhenAll(running).ConfigureAwait(false);
        for (var i = 0; i < ended.Length; i++) outcomes[places[i]] = ended[i];
    }

    /// <param name="request">The call.</param>
    /// <param name="gasLimit">The call's gas limit.</param>
    /// <param name="lease">Its first nonce; disposed here.</param>
    /// <param name="mayMove">
    /// Whether it may be retried at a later nonce when it cannot be mined at this one: not when others must come after it.
    /// </param>
    /// <param name="timeoutToken">Cancelled when the caller stops waiting.</param>
    private async Task<TransactionOutcome> SendAsync(
        TransactionRequest request, ulong gasLimit, NonceLease lease, bool mayMove, CancellationToken timeoutToken)
    {
        var (wasSent, start) = (false, time.GetTimestamp());
        var retries = new SendRetries(options, time);
        for (var left = options.MaxAttempts; ; left--)
        {
            var (ended, mayRetry) = await issuer.IssueAsync(request, gasLimit, lease, retries, timeoutToken).ConfigureAwait(false);
            wasSent |= ended.WasSent;
            var outcome = ended with { WasSent = wasSent };
            // Another sender uses up each nonce that it takes, so the attempts begin again; the caller's deadline bounds them.
            if (ended.IsNonceTaken) (left, retries) = (options.MaxAttempts + 1, new SendRetries(options, time));
            if (!mayRetry || !mayMove || left <= 1 || retries.AreOver || timeoutToken.IsCancellationRequested) return outcome;
            // A call whose nonce another sender used is retried at once; one that an endpoint refused, after a delay.
            if (ended is { WasSent: false, Error.Kind: RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow }
                && !await TryNextAsync(retries, timeoutToken).ConfigureAwait(false))
            {
                return outcome;
            }
            if (ended is { IsNonceTaken: true, WasSent: true }) await ReadPositionAsync(timeoutToken).ConfigureAwait(false);
            var (leases, _) = await LeaseAsync(1, null, start, timeoutToken).ConfigureAwait(false);
            if (leases.Count == 0) return outcome;
            lease = leases[0];
        }
    }

    // Another sender may have used more nonces by now; the store offers none of those that it knows to be used.
    private async ValueTask ReadPositionAsync(CancellationToken timeoutToken)
    {
        try
        {
            await resync.ObserveAsync(timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            // No nonce is leased either.
        }
#pragma warning disable CA1031 // A store may throw anything; the next nonce is only more likely to be used.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
        }
    }

    private static async ValueTask<bool> TryNextAsync(SendRetries retries, CancellationToken timeoutToken)
    {
        try
        {
            return await retries.NextAsync(timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // A store may throw anything; the outcomes of the batch's other calls that were sent must be kept.
    private async ValueTask<(IReadOnlyList<NonceLease> Leases, RpcError? Refusal)> LeaseAsync(
        int count, ulong? above, long start, CancellationToken timeoutToken)
    {
        try
        {
            using var given = CancellationTokenSource.CreateLinkedTokenSource(timeoutToken);
            var leasing = nonces.LeaseAsync(count, above, given.Token).AsTask();
            while (!leasing.IsCompleted)
            {
                await ((Task)leasing).WaitAsync(EndpointState.CheckInterval, time, CancellationToken.None)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (leasing.IsCompleted || time.GetElapsedTime(start) < options.SendTimeout || RefusalOf() is not { } error) continue;
                await given.CancelAsync().ConfigureAwait(false);
                return (await leasing.ConfigureAwait(false), error);
            }

            return (await leasing.ConfigureAwait(false), null);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
            return ([], null);
        }
    }

    // The reason why no nonce becomes free or can be reserved: the endpoint has failed all requests for a while.
    private RpcError? RefusalOf() =>
        sender.State.Refuses(options.SendTimeout) ? sender.State.Trouble?.Error
        : nonces.Chain.Refuses(options.SendTimeout) ? nonces.Chain.Trouble?.Error
        : null;

    private static TransactionOutcome Refusal(RpcError error) => error.Kind switch
    {
        RpcErrorKind.Reverted => new TransactionOutcome(TransactionEnd.Reverted, Error: error),
        RpcErrorKind.InsufficientFunds => new TransactionOutcome(TransactionEnd.NoFunds, Error: error),
        _ => new TransactionOutcome(TransactionEnd.NotPublished, Error: error),
    };
}
