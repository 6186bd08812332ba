using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>Sends the calls of a topic by the sender that the topic has: the payer itself where it has no senders.</summary>
internal sealed class TopicSenders(
    TransactionManager payer,
    NonceManager payerNonces,
    SenderSet senders,
    HeldTopics topics,
    SenderHealth health,
    AppChainTransactionOptions options,
    TimeProvider time)
{
    /// <summary>
    /// The error that a submission would wait for or fail with now, and how long it has lasted; null when none is known.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble
    {
        get
        {
            // All use one endpoint, so that of any of them is that of all.
            var longest = payer.Trouble;
            foreach (var sender in senders.All)
            {
                if (sender.Manager.Trouble is { } other && (longest is null || other.For > longest.Value.For)) longest = other;
            }

            return longest;
        }
    }

    /// <summary>Whether a store of nonces or topics did not answer the last call.</summary>
    internal bool IsStoreUnavailable => payer.IsStoreUnavailable
        || topics.IsStoreUnavailable
        || senders.All.Any(sender => sender.Manager.IsStoreUnavailable);

    /// <summary>Publishes calls of one topic, which must be mined in their order; concurrently with those of other callers.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="requests">The calls.</param>
    /// <param name="timeout">How long the caller waits.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    /// <returns>One outcome per call, in order.</returns>
    internal Task<TransactionOutcome[]> SubmitAsync(
        ReadOnlyMemory<byte> topic, IReadOnlyList<TransactionRequest> requests, TimeSpan timeout, CancellationToken cancellationToken) =>
        senders.All.Count == 0
            ? payer.SubmitAsync(requests, timeout, cancellationToken)
            : SubmitBySenderAsync(topic, requests, timeout, cancellationToken);

    private async Task<TransactionOutcome[]> SubmitBySenderAsync(
        ReadOnlyMemory<byte> topic, IReadOnlyList<TransactionRequest> requests, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var timeoutSource = new CancellationTokenSource(timeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeoutSource.Token);
        for (var left = senders.All.Count; ; left--)
        {
            try
            {
                // What the payer sent itself, before it had senders, is not sent again.
                var payloads = requests.Select(request => $"{request.PayloadKey}").ToHashSet(StringComparer.Ordinal);
                if (await HeldTopics.HasInDoubtAsync(payerNonces, payloads, linked.Token).ConfigureAwait(false) is not { } hasOwn)
                    return All(requests, linked.IsCancellationRequested ? TransactionEnd.TimedOut : TransactionEnd.NotPublished);
                if (hasOwn) return await payer.SubmitAsync(requests, Left(), cancellationToken).ConfigureAwait(false);
                if (await topics.TakeAsync(topic, [.. requests.Select(request => request.PayloadKey)], linked.Token).ConfigureAwait(false)
                    is not (var sender, var calls))
                {
                    return All(requests, TransactionEnd.NotPublished);
                }

                var outcomes = await SubmitAsync(sender, requests, calls, Left(), cancellationToken).ConfigureAwait(false);
                if (outcomes.Any(outcome => outcome.End == TransactionEnd.Mined)) health.MarkPaid(sender.Address);
                if (outcomes.All(outcome => outcome.End != TransactionEnd.NoFunds)) return outcomes;
                health.MarkEmpty(sender.Address);
                // None of them was sent: another sender may send them. The others learn that this one is unavailable.
                await topics.RenewAsync(linked.Token).ConfigureAwait(false);
                if (left <= 1 || outcomes.Any(outcome => outcome is not { End: TransactionEnd.NoFunds, WasSent: false })) return outcomes;
            }
            catch (OperationCanceledException) when (linked.IsCancellationRequested)
            {
                return All(requests, TransactionEnd.TimedOut);
            }
        }

        TimeSpan Left() => timeout - time.GetElapsedTime(start) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private async Task<TransactionOutcome[]> SubmitAsync(
        Sender sender, IReadOnlyList<TransactionRequest> requests, HeldCall[] calls, TimeSpan timeout, CancellationToken cancellationToken)
    {
        TransactionOutcome[]? outcomes = null;
        try
        {
            TransactionRequest[] guarded = [.. requests.Select((request, i) => request with
            {
                MayBeSent = () => calls[i].IsSure(time, options.NonceStore.Lease) && request.MayBeSent?.Invoke() != false,
            })];
            outcomes = await sender.Manager.SubmitAsync(guarded, timeout, cancellationToken).ConfigureAwait(false);
            return outcomes;
        }
        finally
        {
            await RemoveAsync(calls, outcomes).ConfigureAwait(false);
        }
    }

    private async Task RemoveAsync(HeldCall[] calls, TransactionOutcome[]? outcomes)
    {
        if (outcomes is null)
        {
            await topics.RemoveAsync(calls, haveEnded: false).ConfigureAwait(false);
            return;
        }

        await topics.RemoveAsync([.. calls.Where((_, i) => outcomes[i].End != TransactionEnd.InDoubt)], haveEnded: true)
            .ConfigureAwait(false);
        for (var i = 0; i < calls.Length; i++)
        {
            if (outcomes[i].End == TransactionEnd.InDoubt) _ = RemoveWhenSettledAsync(calls[i], outcomes[i].Settles);
        }
    }

    private async Task RemoveWhenSettledAsync(HeldCall call, Task<TransactionOutcome>? settles)
    {
        var settled = false;
        if (settles is not null)
        {
            await ((Task)settles).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            settled = settles.IsCompletedSuccessfully && (await settles.ConfigureAwait(false)).End != TransactionEnd.InDoubt;
        }

        await topics.RemoveAsync([call], settled).ConfigureAwait(false);
    }

    private static TransactionOutcome[] All(IReadOnlyList<TransactionRequest> requests, TransactionEnd end) =>
        [.. requests.Select(_ => new TransactionOutcome(end))];
}
