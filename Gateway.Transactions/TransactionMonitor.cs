using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Takes one signed transaction to its end, whether or not a caller waits for it: broadcasts it, watches it, replaces
/// it, and finds its receipt.
/// </summary>
/// <remarks>
/// An attempt that may have been broadcast is never given up. A pending transaction ends only with the payload's own
/// event, delivered by the subscription, with the receipt of one of its attempts, or when the chain's count has passed
/// the nonce and no attempt has a receipt.
/// </remarks>
internal sealed partial class TransactionMonitor(
    PendingTransactionLookup lookup,
    TransactionSender sender,
    TransactionReplacer replacer,
    NonceManager nonces,
    NonceTracker tracker,
    NonceResync resync,
    SubscriptionWitness witness,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<TransactionMonitor> logger)
{
    private const int ResendsBeforeCancellation = 5;

    // How far one endpoint of a provider usually lags behind another.
    internal static readonly TimeSpan MaxProviderLag = TimeSpan.FromSeconds(1);

    private readonly LogThrottle _unsentLines = new(TimeSpan.FromSeconds(10), time);
    private readonly LogThrottle _refusedLines = new(TimeSpan.FromSeconds(10), time);

    /// <summary>Monitors a transaction until it ends, despite errors on the way.</summary>
    /// <returns>The outcome. The lease is ended too.</returns>
    internal async Task<(NonceOutcome End, TransactionReceipt? Receipt)> MonitorAsync(
        PendingTransaction pending, bool isAdopted, CancellationToken stoppingToken)
    {
        if (isAdopted) pending.MarkAdopted();
        else if (await TryBroadcastAsync(pending, stoppingToken).ConfigureAwait(false) is { } ended) return (ended, null);
        if (isAdopted) tracker.RequestRead();
        else tracker.NoteSent();
        var lookedUp = isAdopted ? long.MinValue / 2 : time.GetTimestamp();
        for (var pause = options.RetryDelay; ; pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval)
        {
            try
            {
                return await WatchAsync(pending, lookedUp, stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // A store, signer or endpoint may throw anything: a transaction that may be mined stays monitored.
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogInterrupted(logger, pending.Nonce, exception);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async Task<(NonceOutcome End, TransactionReceipt? Receipt)> WatchAsync(
        PendingTransaction pending, long lookedUp, CancellationToken stoppingToken)
    {
        var (failedResends, missingSince, interval, askedForUser) = (0, (long?)null, options.PollInterval, long.MinValue / 2);
        var unread = options.RetryDelay;
        while (true)
        {
            if (pending.MinedReceipt is { } receipt)
            {
                tracker.AdvanceTo(pending.Nonce + 1);
                return await EndAsync(pending, (NonceOutcome.Mined, receipt), stoppingToken).ConfigureAwait(false);
            }

            if (tracker.Mined > pending.Nonce)
            {
                var (found, isConclusive) = await lookup.FindReceiptAsync(pending, stoppingToken).ConfigureAwait(false);
                if (found is { } end) return await EndAsync(pending, end, stoppingToken).ConfigureAwait(false);
                missingSince = isConclusive ? missingSince ?? time.GetTimestamp() : null;
                var missing = missingSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
                if (missing >= MaxProviderLag / 2 && time.GetElapsedTime(askedForUser) >= MaxProviderLag)
                {
                    askedForUser = time.GetTimestamp();
                    if (await lookup.OtherUserAsync(pending, stoppingToken).ConfigureAwait(false) is { } user
                        && await OutcomeOfUserAsync(pending, user, stoppingToken).ConfigureAwait(false) is { } other)
                    {
                        return await EndAsync(pending, other, stoppingToken).ConfigureAwait(false);
                    }
                }

                if (missing > options.ReceiptTimeout)
                {
                    var (late, isCertain) = await lookup.FindReceiptAsync(pending, stoppingToken, isLate: true).ConfigureAwait(false);
                    if (late is { } ended) return await EndAsync(pending, ended, stoppingToken).ConfigureAwait(false);
                    if (isCertain && !await lookup.MayStillBeMinedAsync(pending, stoppingToken).ConfigureAwait(false))
                        return await EndAsync(pending, UsedByOther(pending, null), stoppingToken).ConfigureAwait(false);
                    missingSince = null;
                }

                // A result that cannot be read costs several requests each time.
                unread = isConclusive ? options.RetryDelay : unread * 2 < options.LookupInterval ? unread * 2 : options.LookupInterval;
                await pending.Wake.WaitAsync(unread, time, stoppingToken).ConfigureAwait(false);
                continue;
            }

            missingSince = null;
            if (pending.RefusedSince is { } refused && time.GetElapsedTime(refused) > options.NonceStore.Lease + options.RecoveryInterval)
            {
                if (!await nonces.MayBeInDoubtAsync(pending.Nonce, stoppingToken).ConfigureAwait(false))
                    return await EndAsync(pending, (NonceOutcome.Unknown, null), stoppingToken).ConfigureAwait(false);
                pending.MarkRefused(time.GetTimestamp());
            }

            if (pending.TakeReceiptCheck()
                && await lookup.FindReceiptAsync(pending, stoppingToken).ConfigureAwait(false) is { End: { } early })
            {
                tracker.Observe(pending.Nonce + 1);
                return await EndAsync(pending, early, stoppingToken).ConfigureAwait(false);
            }

            // An attempt that no endpoint confirmed is looked up sooner, and less often while no endpoint accepts it.
            if (pending.IsKnown) interval = options.LookupInterval;
            if (time.GetElapsedTime(lookedUp) >= interval && !pending.Lease.IsLost)
            {
                interval = interval * 2 < options.LookupInterval ? interval * 2 : options.LookupInterval;
                failedResends = await CheckMempoolAsync(pending, stoppingToken).ConfigureAwait(false) ? 0 : failedResends + 1;
                if (failedResends >= ResendsBeforeCancellation && pending.Kind == AttemptKind.Payload)
                    await ReplaceAsync(pending, AttemptKind.Cancellation, stoppingToken).ConfigureAwait(false);
                lookedUp = time.GetTimestamp();
            }

            await pending.Wake.WaitAsync(interval, time, stoppingToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<NonceOutcome?> TryBroadcastAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        try
        {
            return await BroadcastAsync(pending, stoppingToken).ConfigureAwait(false);
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

    /// <summary>Sends the first attempt until an endpoint has it, or may have it, or none will accept it.</summary>
    /// <returns>
    /// Null when it was broadcast, or may have been, or when another process holds the nonce, and so uses it soon. Refused
    /// when no endpoint accepted it and the store has freed the nonce; Unknown when the store was not updated: another
    /// process may take over the transaction and send it.
    /// </returns>
    private async ValueTask<NonceOutcome?> BroadcastAsync(PendingTransaction pending, CancellationToken stoppingToken)
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
                    pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval;
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
        var wait = pending.LastError is { RetryAfter: { } told } && told > pause ? told : pause;
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
        var (since, timeout) = (time.GetTimestamp(), options.ReceiptTimeout < MaxProviderLag ? options.ReceiptTimeout : MaxProviderLag);
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
                && await OutcomeOfUserAsync(pending, user, stoppingToken).ConfigureAwait(false) is { } other)
            {
                return (await EndAsync(pending, other, stoppingToken).ConfigureAwait(false)).End;
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

        if (isUsed) return (await EndAsync(pending, UsedByOther(pending, null), stoppingToken).ConfigureAwait(false)).End;
        // No count confirms that the nonce is used: a lagging endpoint refused it, or the queried ones lag. No endpoint has it.
        return await RefusedAsync(pending).ConfigureAwait(false);
    }

    // Another sender's transaction is pending at this nonce. A higher fee would replace it; the store skips such nonces.
    private async ValueTask<bool> IsOccupiedAsync(PendingTransaction pending, CancellationToken stoppingToken) =>
        await resync.ObserveAsync(stoppingToken).ConfigureAwait(false) is { } position && position.Pending > pending.Nonce;

    /// <summary>Looks up a pending transaction; resends it when it is missing, replaces it when it is stuck.</summary>
    /// <returns>False when it is missing and no endpoint accepts it.</returns>
    private async ValueTask<bool> CheckMempoolAsync(PendingTransaction pending, CancellationToken stoppingToken)
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

    // False when there is no replacement to send: the signer failed, or a higher fee would be above the max price.
    private async ValueTask<bool> ReplaceAsync(PendingTransaction pending, AttemptKind kind, CancellationToken stoppingToken)
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

    // Null when the chain does not show yet what the transaction that used the nonce does. A process that took the nonce over
    // may have signed it for the same payload, also when this one has not noticed yet that its lease is lost.
    private async ValueTask<(NonceOutcome End, TransactionReceipt? Receipt)?> OutcomeOfUserAsync(
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

    private (NonceOutcome End, TransactionReceipt? Receipt) UsedByOther(PendingTransaction pending, Bytes32? user)
    {
        if (pending.Lease.IsLost || pending.IsMinedElsewhere) return (NonceOutcome.Unknown, null);
        metrics.Foreign(1);
        LogForeign(logger, pending.Nonce, user?.ToString() ?? "that is not ours");
        return (NonceOutcome.NotMined, null);
    }

    private async ValueTask<(NonceOutcome End, TransactionReceipt?)> EndAsync(
        PendingTransaction pending, (NonceOutcome End, TransactionReceipt? Receipt) end, CancellationToken stoppingToken)
    {
        if (end.Receipt is { } mined && !pending.IsAdopted)
            witness.Observe(pending, mined, hasEvent: end.End == NonceOutcome.Mined && mined.Logs.Count > 0);
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
        EventId = EventIds.TransactionRefused,
        Level = LogLevel.Warning,
        Message = "no endpoint accepted the transaction of nonce {Nonce}, which is free again: {Reason} ({Suppressed} such lines " +
            "suppressed since the last one)")]
    private static partial void LogRefused(ILogger logger, ulong nonce, string reason, long suppressed);

    [LoggerMessage(
        EventId = EventIds.MonitorInterrupted,
        Level = LogLevel.Error,
        Message = "monitoring nonce {Nonce} was interrupted; monitoring continues")]
    private static partial void LogInterrupted(ILogger logger, ulong nonce, Exception error);

    [LoggerMessage(
        EventId = EventIds.NonceForeign,
        Level = LogLevel.Error,
        Message = "nonce {Nonce} was used by a transaction {Hash}: another sender uses this wallet")]
    private static partial void LogForeign(ILogger logger, ulong nonce, string hash);

    [LoggerMessage(
        EventId = EventIds.TransactionNotTaken,
        Level = LogLevel.Warning,
        Message = "the endpoint of the App Chain did not accept the transaction of nonce {Nonce}; sending it again: {Reason} " +
            "({Suppressed} such lines suppressed since the last one)")]
    private static partial void LogUntaken(ILogger logger, ulong nonce, RpcError reason, long suppressed);
}
