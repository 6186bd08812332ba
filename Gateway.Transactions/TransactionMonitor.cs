using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
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
    TransactionBroadcaster broadcaster,
    MempoolCheck mempool,
    PendingTransactionLookup lookup,
    TransactionEndings endings,
    NonceManager nonces,
    NonceTracker tracker,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<TransactionMonitor> logger)
{
    private const int ResendsBeforeCancellation = 5;

    // How far one endpoint of a provider usually lags behind another.
    internal static readonly TimeSpan MaxProviderLag = TimeSpan.FromSeconds(1);

    /// <summary>Monitors a transaction until it ends, despite errors on the way.</summary>
    /// <returns>The outcome. The lease is ended too.</returns>
    internal async Task<(NonceOutcome End, TransactionReceipt? Receipt)> MonitorAsync(
        PendingTransaction pending, bool isAdopted, CancellationToken stoppingToken)
    {
        if (isAdopted) pending.MarkAdopted();
        else if (await broadcaster.BroadcastAsync(pending, stoppingToken).ConfigureAwait(false) is { } ended) return (ended, null);
        if (isAdopted) tracker.RequestRead();
        else tracker.NoteSent();
        var lookedUp = isAdopted ? long.MinValue / 2 : time.GetTimestamp();
        for (var pause = options.RetryDelay; ; pause = DoublingPause.After(pause, options.LookupInterval))
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
                return await endings.EndAsync(pending, (NonceOutcome.Mined, receipt), stoppingToken).ConfigureAwait(false);
            }

            if (tracker.Mined > pending.Nonce)
            {
                var (found, isConclusive) = await lookup.FindReceiptAsync(pending, stoppingToken).ConfigureAwait(false);
                if (found is { } end) return await endings.EndAsync(pending, end, stoppingToken).ConfigureAwait(false);
                missingSince = isConclusive ? missingSince ?? time.GetTimestamp() : null;
                var missing = missingSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
                if (missing >= MaxProviderLag / 2 && time.GetElapsedTime(askedForUser) >= MaxProviderLag)
                {
                    askedForUser = time.GetTimestamp();
                    if (await lookup.OtherUserAsync(pending, stoppingToken).ConfigureAwait(false) is { } user
                        && await endings.OutcomeOfUserAsync(pending, user, stoppingToken).ConfigureAwait(false) is { } other)
                    {
                        return await endings.EndAsync(pending, other, stoppingToken).ConfigureAwait(false);
                    }
                }

                if (missing > options.ReceiptTimeout)
                {
                    var (late, isCertain) = await lookup.FindReceiptAsync(pending, stoppingToken, isLate: true).ConfigureAwait(false);
                    if (late is { } ended) return await endings.EndAsync(pending, ended, stoppingToken).ConfigureAwait(false);
                    if (isCertain && !await lookup.MayStillBeMinedAsync(pending, stoppingToken).ConfigureAwait(false))
                        return await endings.EndAsync(pending, endings.UsedByOther(pending, null), stoppingToken).ConfigureAwait(false);
                    missingSince = null;
                }

                // A result that cannot be read costs several requests each time.
                unread = isConclusive ? options.RetryDelay : DoublingPause.After(unread, options.LookupInterval);
                await pending.Wake.WaitAsync(unread, time, stoppingToken).ConfigureAwait(false);
                continue;
            }

            missingSince = null;
            if (pending.RefusedSince is { } refused && time.GetElapsedTime(refused) > options.NonceStore.Lease + options.RecoveryInterval)
            {
                if (!await nonces.MayBeInDoubtAsync(pending.Nonce, stoppingToken).ConfigureAwait(false))
                    return await endings.EndAsync(pending, (NonceOutcome.Unknown, null), stoppingToken).ConfigureAwait(false);
                pending.MarkRefused(time.GetTimestamp());
            }

            if (pending.TakeReceiptCheck()
                && await lookup.FindReceiptAsync(pending, stoppingToken).ConfigureAwait(false) is { End: { } early })
            {
                tracker.Observe(pending.Nonce + 1);
                return await endings.EndAsync(pending, early, stoppingToken).ConfigureAwait(false);
            }

            // An attempt that no endpoint confirmed is looked up sooner, and less often while no endpoint accepts it.
            if (pending.IsKnown) interval = options.LookupInterval;
            if (time.GetElapsedTime(lookedUp) >= interval && !pending.Lease.IsLost)
            {
                interval = DoublingPause.After(interval, options.LookupInterval);
                failedResends = await mempool.CheckAsync(pending, stoppingToken).ConfigureAwait(false) ? 0 : failedResends + 1;
                if (failedResends >= ResendsBeforeCancellation && pending.Kind == AttemptKind.Payload)
                    await mempool.ReplaceAsync(pending, AttemptKind.Cancellation, stoppingToken).ConfigureAwait(false);
                lookedUp = time.GetTimestamp();
            }

            await pending.Wake.WaitAsync(interval, time, stoppingToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(
        EventId = EventIds.MonitorInterrupted,
        Level = LogLevel.Error,
        Message = "monitoring nonce {Nonce} was interrupted; monitoring continues")]
    private static partial void LogInterrupted(ILogger logger, ulong nonce, Exception exception);
}
