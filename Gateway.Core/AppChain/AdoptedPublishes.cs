using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.Senders.Funding;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// Claims the envelopes that a lost process was publishing, so that a resend waits for the same transaction and gets
/// its answer.
/// </summary>
/// <remarks>
/// The envelope is identified by the payload key on every attempt of the nonce, cancellations included. Earlier
/// releases stored no key, so there only the newest transaction identifies the envelope, and a cancellation identifies none.
/// </remarks>
internal sealed partial class AdoptedPublishes(
    IPublishedStore results,
    AppChainPublisher publisher,
    Broadcasters broadcasters,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<AdoptedPublishes> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    // Owners of ordinary claims count up from 1; these count down, for all payers of the process.
    private static ulong _owners = ulong.MaxValue;

    /// <summary>Handles a transaction that was taken over.</summary>
    /// <returns>
    /// Completes when the claim was requested once. While the store does not answer, the request is retried in the background.
    /// </returns>
    internal async Task TakeAsync(AdoptedTransaction adopted)
    {
        // A transfer of gas publishes nothing.
        if (adopted.PayloadKey is { } transfer && FundingKey.IsOne(transfer))
        {
            _ = PendingTransactionOutcome.PersistedWhenSettledAsync(adopted.Settles);
            return;
        }

        var key = adopted.PayloadKey is { } named
            ? EnvelopeKey.Of(named)
            : Read(adopted) is { } envelope ? EnvelopeKey.OnChain(envelope.Bytes.Span) : (EnvelopeKey?)null;
        if (key is not { } known)
        {
            _ = PendingTransactionOutcome.PersistedWhenSettledAsync(adopted.Settles);
            return;
        }

        var owner = Interlocked.Decrement(ref _owners);
        var claim = results.TakeOverAsync(known, owner, CancellationToken.None).AsTask();
        await ((Task)claim).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ = KeepAsync(known, owner, claim, adopted);
    }

    private async Task KeepAsync(EnvelopeKey key, ulong owner, Task<Claim> first, AdoptedTransaction adopted)
    {
        var settles = adopted.Settles;
        try
        {
            if (!await IsMineAsync(key, owner, first, settles).ConfigureAwait(false))
            {
                // The lost process stored its answer.
                await PendingTransactionOutcome.PersistedWhenSettledAsync(settles).ConfigureAwait(false);
                await CheckPublishedAsync(adopted).ConfigureAwait(false);
                return;
            }

            var (outcome, answer) = await AnswerAsync(key, settles).ConfigureAwait(false);
            await results.EndAsync(key, owner, outcome, answer).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Nobody awaits this task; the claim ends with its lease.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogFailed(logger, exception);
            results.Abandon(key, owner);
        }
    }

    // The envelope was answered as published: after a reorganization its transaction may not be mined again.
    private async Task CheckPublishedAsync(AdoptedTransaction adopted)
    {
        if (await adopted.Settles.ConfigureAwait(false) is not { End: TransactionEnd.NotPublished or TransactionEnd.Reverted }) return;
        metrics.Lost();
        LogLost(logger, adopted.Newest.Nonce);
    }

    // Retries until the store answers or the transaction has ended. Busy means that a caller in this process claimed
    // the envelope before the transaction was taken over; it waits for the transaction once its claim is released or refused.
    private async Task<bool> IsMineAsync(EnvelopeKey key, ulong owner, Task<Claim> first, Task<TransactionOutcome> settles)
    {
        var claim = await first.ConfigureAwait(false);
        for (var pause = FirstPause;
             claim.State == ClaimState.Busy || (claim.State == ClaimState.Unanswered && !settles.IsCompleted);
             pause = DoublingPause.After(pause, MaxPause))
        {
            var waits = Task.Delay(pause, time);
            await Task.WhenAny(claim.State == ClaimState.Busy ? waits : settles, waits).ConfigureAwait(false);
            claim = await results.TakeOverAsync(key, owner, CancellationToken.None).ConfigureAwait(false);
        }

        return claim.State is ClaimState.Mine or ClaimState.Unanswered;
    }

    private async Task<(EnvelopeOutcome Outcome, PublishedAnswer? Answer)> AnswerAsync(EnvelopeKey key, Task<TransactionOutcome> settles)
    {
        var ended = await settles.ConfigureAwait(false);
        if (ended is not { End: TransactionEnd.Mined, Receipt: { } receipt })
            return (Failed(AppChainErrors.NotPublished, ended, isInDoubt: ended.End == TransactionEnd.InDoubt), null);
        foreach (var broadcaster in broadcasters.All)
        {
            if (broadcaster.ReadPublished(receipt) is not { } envelope || EnvelopeKey.OnChain(envelope.Bytes.Span) != key) continue;
            var outcome = await publisher.SettleAsync(broadcaster, envelope, broadcaster.Call(envelope), settles).ConfigureAwait(false);
            return (outcome, PublishedAnswer.Of(outcome, envelope.Bytes.Span));
        }

        return (Failed(AppChainErrors.NoEvent, ended, isInDoubt: true), null);
    }

    private static EnvelopeOutcome Failed(PublishError error, TransactionOutcome ended, bool isInDoubt) =>
        EnvelopeOutcome.Failed(error) with { IsInDoubt = isInDoubt, OnPersisted = ended.OnPersisted };

    private ParsedEnvelope? Read(AdoptedTransaction adopted)
    {
        foreach (var broadcaster in broadcasters.All)
        {
            if (broadcaster.Read(adopted.Newest) is { } envelope) return envelope;
        }

        return null;
    }

    [LoggerMessage(
        EventId = EventIds.PublishedCommitLost,
        Level = LogLevel.Error,
        Message = "after a reorganization the transaction of nonce {Nonce} was not mined again: an envelope that was answered as " +
            "published is not on the App Chain")]
    private static partial void LogLost(ILogger logger, ulong nonce);

    [LoggerMessage(
        EventId = EventIds.AdoptedResultNotStored,
        Level = LogLevel.Error,
        Message = "the result of a transaction that was taken over could not be stored")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
