using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Takes one signed transaction to its end, whoever waits for it or does not: sends it, watches it, replaces it, finds its receipt.</summary>
/// <remarks>
/// A version that may be out is never given up: only the chain's count passing the nonce ends the flight, and then the
/// receipt of one of its versions, or the lack of any, says how. The payload's own event, told unasked, says both.
/// </remarks>
internal sealed partial class FlightPilot(
    FlightLookup lookup,
    TransactionSender sender,
    FlightReplacer replacer,
    ChainFollower follower,
    NonceResync resync,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<FlightPilot> logger)
{
    private const int ResendsBeforeFill = 5;

    // As long as one endpoint of a provider is usually behind another.
    private static readonly TimeSpan MaxDispute = TimeSpan.FromSeconds(1);

    private readonly LogThrottle unsentLines = new(TimeSpan.FromSeconds(10), time);
    private readonly LogThrottle refusedLines = new(TimeSpan.FromSeconds(10), time);

    /// <summary>Flies to the end, whatever fails on the way.</summary>
    /// <returns>How it ended. The lease is ended too.</returns>
    internal async Task<(FlightEnd End, TransactionReceipt? Receipt)> FlyAsync(Flight flight, bool isAdopted, CancellationToken stopping)
    {
        if (isAdopted) flight.Out(isKnown: false);
        else if (await TryTakeOffAsync(flight, stopping).ConfigureAwait(false) is { } ended) return (ended, null);
        var lookedUp = isAdopted ? long.MinValue / 2 : time.GetTimestamp();
        for (var pause = options.RetryDelay; ; pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval)
        {
            try
            {
                return await WatchAsync(flight, lookedUp, stopping).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever a store, a signer or an endpoint makes of it: a transaction that may land is watched on.
            catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogInterrupted(logger, flight.Nonce, error);
            }

            await Task.Delay(pause, time, stopping).ConfigureAwait(false);
        }
    }

    private async Task<(FlightEnd End, TransactionReceipt? Receipt)> WatchAsync(Flight flight, long lookedUp, CancellationToken stopping)
    {
        var (failedResends, missingSince, interval, askedForUser) = (0, (long?)null, options.PollInterval, long.MinValue / 2);
        while (true)
        {
            if (flight.Landed is { } told)
            {
                follower.Reach(flight.Nonce + 1);
                return await EndAsync(flight, (FlightEnd.Mined, told)).ConfigureAwait(false);
            }

            if (follower.Mined > flight.Nonce)
            {
                var (landed, isConclusive) = await lookup.FindReceiptAsync(flight, stopping).ConfigureAwait(false);
                if (landed is { } end) return await EndAsync(flight, end).ConfigureAwait(false);
                missingSince = isConclusive ? missingSince ?? time.GetTimestamp() : null;
                var missing = missingSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
                if (missing >= MaxDispute / 2 && time.GetElapsedTime(askedForUser) >= MaxDispute)
                {
                    askedForUser = time.GetTimestamp();
                    if (await lookup.OtherUserAsync(flight, stopping).ConfigureAwait(false) is { } user) return await EndAsync(flight, LandedElsewhere(flight, user)).ConfigureAwait(false);
                }

                if (missing > options.ReceiptPatience)
                {
                    if (!await lookup.MayStillLandAsync(flight, stopping).ConfigureAwait(false)) return await EndAsync(flight, LandedElsewhere(flight, null)).ConfigureAwait(false);
                    missingSince = null;
                }

                await flight.Wake.WaitAsync(options.RetryDelay, time, stopping).ConfigureAwait(false);
                continue;
            }

            missingSince = null;
            if (flight.TakesLook() && await lookup.FindReceiptAsync(flight, stopping).ConfigureAwait(false) is { Landed: { } early })
            {
                follower.See(flight.Nonce + 1);
                return await EndAsync(flight, early).ConfigureAwait(false);
            }

            // What no endpoint is known to have is asked after sooner, and less often while none takes it.
            if (flight.IsKnown) interval = options.LookupInterval;
            if (time.GetElapsedTime(lookedUp) >= interval && !flight.Lease.IsLost)
            {
                interval = interval * 2 < options.LookupInterval ? interval * 2 : options.LookupInterval;
                failedResends = await CareAsync(flight, stopping).ConfigureAwait(false) ? 0 : failedResends + 1;
                if (failedResends >= ResendsBeforeFill && flight.Kind == VersionKind.Payload) await ReplaceAsync(flight, VersionKind.Fill, stopping).ConfigureAwait(false);
                lookedUp = time.GetTimestamp();
            }

            await flight.Wake.WaitAsync(interval, time, stopping).ConfigureAwait(false);
        }
    }

    private async ValueTask<FlightEnd?> TryTakeOffAsync(Flight flight, CancellationToken stopping)
    {
        try
        {
            return await TakeOffAsync(flight, stopping).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // What failed between two sendings may be out.
        catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogInterrupted(logger, flight.Nonce, error);
            flight.Out(isKnown: false);
            return null;
        }
    }

    /// <summary>Sends the first version until an endpoint has it, or may have it, or none will.</summary>
    /// <returns>
    /// Null when it is out, or may be. Refused when no endpoint took it and the store has freed the nonce; Unknown when
    /// the store did not hear that: another process may take the transaction over and send it.
    /// </returns>
    private async ValueTask<FlightEnd?> TakeOffAsync(Flight flight, CancellationToken stopping)
    {
        var pause = options.RetryDelay;
        while (true)
        {
            var fate = await sender.SendAsync(flight, stopping).ConfigureAwait(false);
            switch (fate)
            {
                case SendFate.Taken:
                    flight.Out(isKnown: true);
                    follower.Nudge();
                    return null;
                case SendFate.InDoubt:
                    if (unsentLines.TryPass(out var heldBack)) LogUntaken(logger, flight.Nonce, flight.LastError!, heldBack);
                    flight.Out(isKnown: false);
                    return null;
                case SendFate.NonceUsed:
                    return await FindUserAsync(flight, stopping).ConfigureAwait(false);
                case SendFate.Limited or SendFate.Unsent when await HoldBackAsync(flight, pause, stopping).ConfigureAwait(false):
                    pause = pause * 2 < options.LookupInterval ? pause * 2 : options.LookupInterval;
                    continue;
                case SendFate.Underpriced when await IsOccupiedAsync(flight, stopping).ConfigureAwait(false):
                    break;
                case SendFate.Underpriced when await flight.Attempts.NextAsync(stopping).ConfigureAwait(false) && await replacer.TryReplaceAsync(flight, flight.Kind, stopping).ConfigureAwait(false):
                case SendFate.NotYet when await flight.Attempts.NextAsync(stopping).ConfigureAwait(false):
                    continue;
            }

            if (flight.Landed is null && (fate is not (SendFate.Limited or SendFate.Unsent) || !flight.HasLeft)) return await RefusedAsync(flight).ConfigureAwait(false);
            flight.Out(isKnown: flight.Landed is not null);
            return null;
        }
    }

    private async ValueTask<FlightEnd> RefusedAsync(Flight flight)
    {
        if (refusedLines.TryPass(out var heldBack)) LogRefused(logger, flight.Nonce, flight.LastError?.ToString() ?? "no reason", heldBack);
        return await flight.Lease.RefuseAsync().ConfigureAwait(false) == LedgerVerdict.Done ? FlightEnd.Refused : FlightEnd.Unknown;
    }

    // A limit is waited for as long as someone waits; a connection that cannot be made, for a moment.
    private async ValueTask<bool> HoldBackAsync(Flight flight, TimeSpan pause, CancellationToken stopping)
    {
        if (unsentLines.TryPass(out var heldBack)) LogUntaken(logger, flight.Nonce, flight.LastError!, heldBack);
        var wait = flight.LastError is { RetryAfter: { } told } && told > pause ? told : pause;
        var isLimit = flight.LastError?.Kind == RpcErrorKind.RateLimited;
        var left = options.SendTimeout - time.GetElapsedTime(flight.StartedAt);
        if (!isLimit && wait > left) wait = left;
        if (!flight.IsAwaited || wait <= TimeSpan.Zero) return false;
        await flight.Wake.WaitAsync(wait, time, stopping).ConfigureAwait(false);
        return flight.Landed is null && (isLimit ? flight.IsAwaited : time.GetElapsedTime(flight.StartedAt) < options.SendTimeout);
    }

    // The chain has used the nonce of a transaction that no endpoint took: by an earlier copy of it, or by somebody else's.
    private async ValueTask<FlightEnd?> FindUserAsync(Flight flight, CancellationToken stopping)
    {
        var (since, patience) = (time.GetTimestamp(), options.ReceiptPatience < MaxDispute ? options.ReceiptPatience : MaxDispute);
        var (isUsed, pause) = (false, options.RetryDelay);
        do
        {
            isUsed |= await resync.ObserveAsync(stopping).ConfigureAwait(false) is { } position && position.Mined > flight.Nonce;
            if (flight.Landed is not null || await lookup.FindReceiptAsync(flight, stopping).ConfigureAwait(false) is { Landed: not null })
            {
                flight.Out(isKnown: true);
                follower.Nudge();
                return null;
            }

            if (isUsed && await lookup.OtherUserAsync(flight, stopping).ConfigureAwait(false) is { } user) return (await EndAsync(flight, LandedElsewhere(flight, user)).ConfigureAwait(false)).End;
            if (isUsed && flight.IsKnown) return null;
            await flight.Wake.WaitAsync(pause, time, stopping).ConfigureAwait(false);
            pause *= 2;
        }
        while (time.GetElapsedTime(since) < patience);
        if (isUsed && await lookup.MayStillLandAsync(flight, stopping).ConfigureAwait(false))
        {
            flight.Out(isKnown: false);
            return null;
        }

        if (isUsed) return (await EndAsync(flight, LandedElsewhere(flight, null)).ConfigureAwait(false)).End;
        // No count says so: an endpoint that lags refused it, or those that are asked lag. Nobody has it.
        return await RefusedAsync(flight).ConfigureAwait(false);
    }

    // Someone else's transaction waits at this nonce. To pay more would be to replace it; the ledger passes such nonces over.
    private async ValueTask<bool> IsOccupiedAsync(Flight flight, CancellationToken stopping) =>
        await resync.ObserveAsync(stopping).ConfigureAwait(false) is { } position && position.Pending > flight.Nonce;

    /// <summary>Looks a waiting transaction up; sends it again when it is gone, replaces it when it is stuck.</summary>
    /// <returns>False when it is gone and no endpoint takes it.</returns>
    private async ValueTask<bool> CareAsync(Flight flight, CancellationToken stopping)
    {
        var known = await lookup.FindCurrentAsync(flight, stopping).ConfigureAwait(false);
        // An endpoint that does not tell may take it all the same: the same bytes again do no harm.
        if (known.Error is not null && flight.IsKnown) return true;
        if (known.Value is not null)
        {
            flight.Out(isKnown: true);
            if (IsStuck(flight)) await ReplaceAsync(flight, flight.Kind, stopping).ConfigureAwait(false);
            return true;
        }

        // A cancellation competes with what it cancels: only when that is stuck, or gone.
        flight.IsKnown = false;
        if (flight.Kind == VersionKind.Fill && !IsStuck(flight) && await lookup.IsEarlierKnownAsync(flight, stopping).ConfigureAwait(false)) return true;
        metrics.Resent();
        return await ResendAsync(flight, stopping).ConfigureAwait(false);
    }

    private async ValueTask<bool> ResendAsync(Flight flight, CancellationToken stopping)
    {
        switch (await sender.SendAsync(flight, stopping).ConfigureAwait(false))
        {
            case SendFate.Taken:
                flight.Out(isKnown: true);
                follower.Nudge();
                return true;
            case SendFate.Underpriced:
                await ReplaceAsync(flight, flight.Kind, stopping).ConfigureAwait(false);
                return true;
            case SendFate.NonceUsed:
                follower.Nudge();
                return true;
            case SendFate.NotYet or SendFate.NoFunds or SendFate.Limited or SendFate.Unsent:
                return true;
            default:
                // A lost answer is no refusal: the next look-up tells.
                return flight.LastError?.Kind == RpcErrorKind.Transport;
        }
    }

    // Those behind the front wait for it and not for money.
    private bool IsStuck(Flight flight) => flight.Nonce == follower.Mined && time.GetElapsedTime(flight.CurrentSince) >= options.StuckAfter;

    private async ValueTask ReplaceAsync(Flight flight, VersionKind kind, CancellationToken stopping)
    {
        var attempts = new SendAttempts(options, time);
        while (true)
        {
            if (!await replacer.TryReplaceAsync(flight, kind, stopping).ConfigureAwait(false)) return;
            var fate = await sender.SendAsync(flight, stopping).ConfigureAwait(false);
            if (fate == SendFate.Underpriced && await attempts.NextAsync(stopping).ConfigureAwait(false)) continue;
            if (fate == SendFate.Taken) flight.Out(isKnown: true);
            follower.Nudge();
            return;
        }
    }

    private (FlightEnd, TransactionReceipt?) LandedElsewhere(Flight flight, Bytes32? user)
    {
        if (flight.Lease.IsLost) return (FlightEnd.Unknown, null);
        metrics.Foreign(1);
        LogForeign(logger, flight.Nonce, user?.ToString() ?? "that is not ours");
        return (FlightEnd.NotLanded, null);
    }

    private async ValueTask<(FlightEnd End, TransactionReceipt?)> EndAsync(Flight flight, (FlightEnd End, TransactionReceipt?) end)
    {
        // Whoever waits is told before the store is.
        flight.Ended.TrySetResult(end);
        metrics.Ended(end.End == FlightEnd.Mined, time.GetElapsedTime(flight.StartedAt));
        if (end.End == FlightEnd.Mined) await flight.Persisted.Task.WaitAsync(options.ResultPatience, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await flight.Lease.FinishAsync().ConfigureAwait(false);
        return end;
    }

    [LoggerMessage(EventId = EventIds.TransactionRefused, Level = LogLevel.Warning, Message = "no endpoint took the transaction of nonce {Nonce}, which is free again: {Reason} ({HeldBack} such lines were left out since the last one)")]
    private static partial void LogRefused(ILogger logger, ulong nonce, string reason, long heldBack);

    [LoggerMessage(EventId = EventIds.MonitorInterrupted, Level = LogLevel.Error, Message = "watching nonce {Nonce} was interrupted; it goes on")]
    private static partial void LogInterrupted(ILogger logger, ulong nonce, Exception error);

    [LoggerMessage(EventId = EventIds.NonceForeign, Level = LogLevel.Error, Message = "nonce {Nonce} was used by a transaction {Hash}: somebody else sends from this wallet")]
    private static partial void LogForeign(ILogger logger, ulong nonce, string hash);

    [LoggerMessage(EventId = EventIds.TransactionNotTaken, Level = LogLevel.Warning, Message = "the endpoint of the App Chain did not take the transaction of nonce {Nonce}; the same one is sent again: {Reason} ({HeldBack} such lines were left out since the last one)")]
    private static partial void LogUntaken(ILogger logger, ulong nonce, RpcError reason, long heldBack);
}
