using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Decides how a transaction whose nonce is used ended, and ends it.</summary>
internal sealed partial class TransactionEndings(
    PendingTransactionLookup lookup,
    SubscriptionMonitor subscription,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<TransactionEndings> logger)
{
    /// <summary>The outcome of a transaction whose nonce another transaction used.</summary>
    /// <returns>
    /// Null when the chain does not show yet what the transaction that used the nonce does. A process that took the nonce over may have
    /// signed it for the same payload, also when this one has not noticed yet that its lease is lost.
    /// </returns>
    internal async ValueTask<(NonceOutcome End, TransactionReceipt? Receipt)?> OutcomeOfUserAsync(
        PendingTransaction pending, Bytes32 user, CancellationToken stoppingToken)
    {
        if (pending.Payload is not { } payload) return pending.Lease.IsLost ? null : UsedByOther(pending, user);
        var end = await lookup.FindOutcomeOfUserAsync(payload, pending.Nonce, user, stoppingToken).ConfigureAwait(false);
        return end.End switch
        {
            NonceOutcome.Unknown => null,
            NonceOutcome.Mined when end.Receipt is null => MinedElsewhere(pending),
            NonceOutcome.NotMined when !pending.Lease.IsLost => UsedByOther(pending, user),
            _ => end,
        };
    }

    private static (NonceOutcome End, TransactionReceipt? Receipt)? MinedElsewhere(PendingTransaction pending)
    {
        pending.MarkMinedElsewhere();
        return null;
    }

    /// <summary>The outcome of a transaction whose nonce a transaction of another sender used.</summary>
    internal (NonceOutcome End, TransactionReceipt? Receipt) UsedByOther(PendingTransaction pending, Bytes32? user)
    {
        if (pending.Lease.IsLost || pending.IsMinedElsewhere) return (NonceOutcome.Unknown, null);
        metrics.Foreign(1);
        LogForeign(logger, pending.Nonce, user?.ToString() ?? "that is not ours");
        return (NonceOutcome.NotMined, null);
    }

    /// <summary>Ends a transaction: notifies its caller, then the nonce store.</summary>
    internal async ValueTask<(NonceOutcome End, TransactionReceipt?)> EndAsync(
        PendingTransaction pending, (NonceOutcome End, TransactionReceipt? Receipt) end, CancellationToken stoppingToken)
    {
        if (end.Receipt is { } mined && !pending.IsAdopted)
            subscription.Observe(pending, mined, hasEvent: end.End == NonceOutcome.Mined && mined.Logs.Count > 0);
        // The caller is notified before the store is updated.
        pending.Ended.TrySetResult(end);
        metrics.Ended(end.End == NonceOutcome.Mined, time.GetElapsedTime(pending.StartedAt));
        if (end.End == NonceOutcome.Mined)
        {
            pending.Lease.ReleaseSlot();
            await pending.Persisted.Task.WaitAsync(options.ResultTimeout, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A process that takes over the nonce finds the transaction mined, and stores its result.
            if (!pending.Persisted.Task.IsCompleted) stoppingToken.ThrowIfCancellationRequested();
        }

        var isKept = end.End == NonceOutcome.Mined && pending.Kind == AttemptKind.Payload;
        await (end.End == NonceOutcome.Unknown ? pending.Lease.AbandonAsync() : pending.Lease.FinishAsync(isKept)).ConfigureAwait(false);
        return end;
    }

    [LoggerMessage(
        EventId = EventIds.NonceForeign,
        Level = LogLevel.Error,
        Message = "nonce {Nonce} was used by a transaction {Hash}: another sender uses this wallet")]
    private static partial void LogForeign(ILogger logger, ulong nonce, string hash);
}
