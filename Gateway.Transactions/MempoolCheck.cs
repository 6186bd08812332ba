using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Keeps a pending transaction in the mempool: resends it when it is missing, replaces it when it is stuck.</summary>
internal sealed class MempoolCheck(
    PendingTransactionLookup lookup,
    TransactionSender sender,
    TransactionReplacer replacer,
    NonceTracker tracker,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time)
{
    /// <summary>Looks up a pending transaction; resends it when it is missing, replaces it when it is stuck.</summary>
    /// <returns>False when it is missing and no endpoint accepts it.</returns>
    internal async ValueTask<bool> CheckAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        var known = await lookup.FindCurrentAsync(pending, stoppingToken).ConfigureAwait(false);
        // An endpoint that fails the lookup may still accept the transaction: sending the same bytes again does no harm.
        if (known.Value is not null || (known.Error is not null && pending.IsKnown))
        {
            pending.MarkBroadcast(isKnown: true);
            if (IsStuck(pending)) await ReplaceAsync(pending, pending.Kind, stoppingToken).ConfigureAwait(false);
            return true;
        }

        // A cancellation competes with the transaction that it cancels: resent only when that one is stuck or missing.
        pending.IsKnown = false;
        if (pending.Kind == AttemptKind.Cancellation
            && !IsStuck(pending)
            && await lookup.IsEarlierKnownAsync(pending, stoppingToken).ConfigureAwait(false))
        {
            return true;
        }
        if (ReplacementsOf(pending).ArePaused) return true;
        metrics.Resent();
        return await ResendAsync(pending, stoppingToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> ResendAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        switch (await sender.SendAsync(pending, stoppingToken).ConfigureAwait(false))
        {
            case SendOutcome.Taken:
                pending.Replacements?.Reset();
                pending.MarkBroadcast(isKnown: true);
                tracker.RequestRead();
                return true;
            case SendOutcome.Underpriced:
                if (!await ReplaceAsync(pending, pending.Kind, stoppingToken).ConfigureAwait(false)) ReplacementsOf(pending).Pause();
                return true;
            case SendOutcome.NonceUsed:
                tracker.RequestRead();
                return true;
            case SendOutcome.NotYet or SendOutcome.NoFunds or SendOutcome.Limited or SendOutcome.Unsent:
                return true;
            default:
                // A lost response is not a refusal: the next lookup shows the state.
                return pending.LastError?.Kind == RpcErrorKind.Transport;
        }
    }

    // Transactions above the lowest pending nonce wait for that nonce; a higher fee would not help them.
    private bool IsStuck(PendingTransaction pending) =>
        pending.Nonce == tracker.Mined && time.GetElapsedTime(pending.CurrentSince) >= options.StuckAfter;

    /// <summary>Signs and sends a replacement.</summary>
    /// <returns>False when there is none to send: the signer failed, or a higher fee would be above the max price.</returns>
    internal async ValueTask<bool> ReplaceAsync(PendingTransaction pending, AttemptKind kind, CancellationToken stoppingToken)
    {
        var retries = ReplacementsOf(pending);
        while (!retries.ArePaused)
        {
            if (!await replacer.TryReplaceAsync(pending, kind, stoppingToken).ConfigureAwait(false)) return false;
            var outcome = await sender.SendAsync(pending, stoppingToken).ConfigureAwait(false);
            if (outcome == SendOutcome.Underpriced && await retries.NextAsync(stoppingToken).ConfigureAwait(false)) continue;
            if (outcome == SendOutcome.Taken)
            {
                retries.Reset();
                pending.MarkBroadcast(isKnown: true);
            }

            tracker.RequestRead();
            break;
        }

        return true;
    }

    private ReplacementRetries ReplacementsOf(PendingTransaction pending) =>
        pending.Replacements ??= new ReplacementRetries(options, time);
}
