using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Broadcasts the first attempt of a transaction.</summary>
internal sealed partial class TransactionBroadcaster(
    PendingTransactionLookup lookup,
    TransactionSender sender,
    TransactionReplacer replacer,
    NonceResync resync,
    TransactionEndings endings,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<TransactionBroadcaster> logger)
{
    private readonly LogThrottle _unsentLines = new(TimeSpan.FromSeconds(10), time);
    private readonly LogThrottle _refusedLines = new(TimeSpan.FromSeconds(10), time);

    /// <summary>Sends the first attempt until an endpoint has it, or may have it, or none will accept it.</summary>
    /// <returns>
    /// Null when it was broadcast, or may have been, or when another process holds the nonce, and so uses it soon. Refused
    /// when no endpoint accepted it and the store has freed the nonce; Unknown when the store was not updated: another
    /// process may take over the transaction and send it.
    /// </returns>
    internal async ValueTask<NonceOutcome?> BroadcastAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        try
        {
            return await SendAsync(pending, stoppingToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // After a failure between two sends, the transaction may have been broadcast.
        catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogInterrupted(logger, pending.Nonce, exception);
            pending.MarkBroadcast(isKnown: false);
            return null;
        }
    }

    private async ValueTask<NonceOutcome?> SendAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        var pause = options.RetryDelay;
        while (true)
        {
            var outcome = await sender.SendAsync(pending, stoppingToken).ConfigureAwait(false);
            switch (outcome)
            {
                case SendOutcome.Taken:
                    pending.MarkBroadcast(isKnown: true);
                    return null;
                case SendOutcome.InDoubt:
                    if (_unsentLines.TryPass(out var suppressed)) LogUntaken(logger, pending.Nonce, pending.LastError!, suppressed);
                    pending.MarkBroadcast(isKnown: false);
                    return null;
                case SendOutcome.NonceUsed:
                    return await FindUserAsync(pending, stoppingToken).ConfigureAwait(false);
                case SendOutcome.Limited or SendOutcome.Unsent
                    when await WaitBeforeRetryAsync(pending, pause, stoppingToken).ConfigureAwait(false):
                    pause = DoublingPause.After(pause, options.LookupInterval);
                    continue;
                case SendOutcome.Underpriced when await IsOccupiedAsync(pending, stoppingToken).ConfigureAwait(false):
                    pending.MarkNonceTaken();
                    break;
                case SendOutcome.Underpriced
                    when await pending.Retries.NextAsync(stoppingToken).ConfigureAwait(false)
                        && await replacer.TryReplaceAsync(pending, pending.Kind, stoppingToken).ConfigureAwait(false):
                case SendOutcome.NotYet when await pending.Retries.NextAsync(stoppingToken).ConfigureAwait(false):
                    continue;
            }

            if (pending.MinedReceipt is null && (outcome is not (SendOutcome.Limited or SendOutcome.Unsent) || !pending.WasSent))
                return await RefusedAsync(pending).ConfigureAwait(false);
            pending.MarkBroadcast(isKnown: pending.MinedReceipt is not null);
            return null;
        }
    }

    private async ValueTask<NonceOutcome?> RefusedAsync(PendingTransaction pending)
    {
        // A process that took the nonce over may have the transaction, also when the store says that the nonce is free.
        var wasLost = pending.Lease.IsLost;
        var status = await pending.Lease.RefuseAsync().ConfigureAwait(false);
        if (status == NonceStoreStatus.Done && !wasLost)
        {
            if (_refusedLines.TryPass(out var suppressed))
                LogRefused(logger, pending.Nonce, pending.LastError?.ToString() ?? "no reason", suppressed);
            return NonceOutcome.Refused;
        }

        if (status is not (NonceStoreStatus.Done or NonceStoreStatus.NotOwner or NonceStoreStatus.Used)) return NonceOutcome.Unknown;
        pending.Lease.MarkLost();
        pending.MarkRefused(time.GetTimestamp());
        pending.MarkBroadcast(isKnown: false);
        return null;
    }

    // A rate limit is retried while a caller waits; a failed connection, only until the send timeout.
    private async ValueTask<bool> WaitBeforeRetryAsync(PendingTransaction pending, TimeSpan pause, CancellationToken stoppingToken)
    {
        if (_unsentLines.TryPass(out var suppressed)) LogUntaken(logger, pending.Nonce, pending.LastError!, suppressed);
        var wait = pending.LastError is { RetryAfter: { } retryAfter } && retryAfter > pause ? retryAfter : pause;
        var isLimit = pending.LastError?.Kind == RpcErrorKind.RateLimited;
        var left = options.SendTimeout - time.GetElapsedTime(pending.StartedAt);
        if (!isLimit && wait > left) wait = left;
        if (!pending.IsAwaited || wait <= TimeSpan.Zero) return false;
        await pending.Wake.WaitAsync(wait, time, stoppingToken).ConfigureAwait(false);
        return pending.MinedReceipt is null && (isLimit ? pending.IsAwaited : time.GetElapsedTime(pending.StartedAt) < options.SendTimeout);
    }

    // The chain has used the nonce of a transaction that no endpoint accepted: by an earlier copy of it, or another sender's.
    private async ValueTask<NonceOutcome?> FindUserAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        var since = time.GetTimestamp();
        var maxLag = TransactionMonitor.MaxProviderLag;
        var timeout = options.ReceiptTimeout < maxLag ? options.ReceiptTimeout : maxLag;
        var (isUsed, pause) = (false, options.RetryDelay);
        do
        {
            isUsed |= await resync.ObserveAsync(stoppingToken).ConfigureAwait(false) is { } position && position.Mined > pending.Nonce;
            if (pending.MinedReceipt is not null
                || await lookup.FindReceiptAsync(pending, stoppingToken).ConfigureAwait(false) is { End: not null })
            {
                pending.MarkBroadcast(isKnown: true);
                return null;
            }

            if (isUsed
                && await lookup.OtherUserAsync(pending, stoppingToken).ConfigureAwait(false) is { } user
                && await endings.OutcomeOfUserAsync(pending, user, stoppingToken).ConfigureAwait(false) is { } other)
            {
                return (await endings.EndAsync(pending, other, stoppingToken).ConfigureAwait(false)).End;
            }
            if (isUsed && pending.IsKnown) return null;
            await pending.Wake.WaitAsync(pause, time, stoppingToken).ConfigureAwait(false);
            pause *= 2;
        }
        while (time.GetElapsedTime(since) < timeout);
        if (isUsed && (pending.Lease.IsLost || await lookup.MayStillBeMinedAsync(pending, stoppingToken).ConfigureAwait(false)))
        {
            pending.MarkBroadcast(isKnown: false);
            return null;
        }

        if (isUsed) return (await endings.EndAsync(pending, endings.UsedByOther(pending, null), stoppingToken).ConfigureAwait(false)).End;
        // No count confirms that the nonce is used: a lagging endpoint refused it, or the queried ones lag. No endpoint has it.
        return await RefusedAsync(pending).ConfigureAwait(false);
    }

    // Another sender's transaction is pending at this nonce. A higher fee would replace it; the store skips such nonces.
    private async ValueTask<bool> IsOccupiedAsync(PendingTransaction pending, CancellationToken stoppingToken) =>
        await resync.ObserveAsync(stoppingToken).ConfigureAwait(false) is { } position && position.Pending > pending.Nonce;

    [LoggerMessage(
        EventId = EventIds.TransactionRefused,
        Level = LogLevel.Warning,
        Message = "no endpoint accepted the transaction of nonce {Nonce}, which is free again: {Reason} ({Suppressed} such lines " +
            "suppressed since the last one)")]
    private static partial void LogRefused(ILogger logger, ulong nonce, string reason, long suppressed);

    [LoggerMessage(
        EventId = EventIds.BroadcastInterrupted,
        Level = LogLevel.Error,
        Message = "broadcasting the transaction of nonce {Nonce} was interrupted; it may have been broadcast, and is monitored")]
    private static partial void LogInterrupted(ILogger logger, ulong nonce, Exception exception);

    [LoggerMessage(
        EventId = EventIds.TransactionNotTaken,
        Level = LogLevel.Warning,
        Message = "the endpoint of the App Chain did not accept the transaction of nonce {Nonce}; sending it again: {Reason} " +
            "({Suppressed} such lines suppressed since the last one)")]
    private static partial void LogUntaken(ILogger logger, ulong nonce, RpcError reason, long suppressed);
}
