using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>Flow 2: publishes each envelope as a transaction of its own; its event and receipt become the answer.</summary>
/// <remarks>Envelopes of one topic keep their order on the chain; different topics are published concurrently.</remarks>
internal sealed partial class AppChainPublisher(
    TopicSenders transactions,
    RevertedCall reverted,
    BlockTimes blockTimes,
    Broadcasters broadcasters,
    AppChainOptions chain,
    AppChainTransactionOptions options,
    IPublishedStore results,
    PublishMetrics metrics,
    TimeProvider time,
    ILogger<AppChainPublisher> logger) : IEnvelopePublisher
{
    private static readonly TimeSpan BlockPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly LogThrottle _failedLines = new(BetweenLines, time);
    private readonly LogThrottle _unknownLines = new(BetweenLines, time);
    private readonly LogThrottle _eventLines = new(BetweenLines, time);
    private readonly LogThrottle _timeLines = new(BetweenLines, time);
    private readonly AnswerTimes _times = new(time);

    public Destination Destination => Destination.AppChain;

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var max = chain.MaxBlockchainPayloadSize;
        if (max > 0 && EnvelopeSize.Check(envelopes, max, "the App Chain takes") is { } tooLarge) return tooLarge;
        foreach (var envelope in envelopes)
        {
            var state = broadcasters.Of(envelope).State;
            var refusal = state.Bounds is { } bounds ? Refusal(envelope, state.Name, bounds) : null;
            state.NoteDecision(refusal is not null);
            if (refusal is not null) return refusal;
        }

        return null;
    }

    private static PublishError? Refusal(ParsedEnvelope envelope, string contract, ContractBounds bounds)
    {
        var size = envelope.Bytes.Length;
        if (size > bounds.MaxPayloadSize) return AppChainErrors.TooLarge(envelope.Index, size, bounds.MaxPayloadSize);
        if (size < bounds.MinPayloadSize) return AppChainErrors.TooSmall(envelope.Index, size, bounds.MinPayloadSize);
        return bounds.IsPaused ? AppChainErrors.Paused(contract) : null;
    }

    public async ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var outcomes = new EnvelopeOutcome[envelopes.Count];
        var failed = new FailedEnvelopes();
        var byTopic = Enumerable.Range(0, envelopes.Count)
            .GroupBy(place => Convert.ToHexString(envelopes[place].Topic.Bytes.Span), StringComparer.Ordinal);
        await Task.WhenAll(
            byTopic.Select(
                places => PublishInOrderAsync(
                    envelopes, [.. places], outcomes, failed, deadline, cancellationToken))).ConfigureAwait(false);
        Log(failed);
        return outcomes;
    }

    private async Task PublishInOrderAsync(
        IReadOnlyList<ParsedEnvelope> envelopes,
        List<int> places,
        EnvelopeOutcome[] outcomes,
        FailedEnvelopes failed,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var broadcaster = broadcasters.Of(envelopes[places[0]]);
        var calls = places.ConvertAll(place => Call(broadcaster, envelopes[place]));
        var ended = await transactions.SubmitAsync(
            envelopes[places[0]].Topic.Bytes, calls, deadline.Remaining, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < places.Count; i++)
        {
            var envelope = envelopes[places[i]];
            var outcome = await TryAnswerAsync(
                broadcaster, envelope, calls[i], ended[i], deadline, cancellationToken).ConfigureAwait(false);
            if (ended[i].End != TransactionEnd.Mined) failed.Add(envelope.Index, ended[i]);
            outcomes[places[i]] = outcome with
            {
                Settles = SettlesOf(broadcaster, envelope, calls[i], ended[i], outcome),
                IsInDoubt = ended[i].End == TransactionEnd.InDoubt,
                IsUnsent = IsUnsent(ended[i]),
                OnPersisted = ended[i].OnPersisted,
            };
            if (outcomes[places[i]].Error is null)
                metrics.Published(PublishMetrics.Originator(broadcaster.OriginatorId), 1, time.GetElapsedTime(start));
        }
    }

    // A claim whose lease may have ended while its envelope waited for a nonce or a signature may have another owner by now.
    private TransactionRequest Call(Broadcaster broadcaster, ParsedEnvelope envelope)
    {
        var key = EnvelopeKey.OnChain(envelope.Bytes.Span);
        return broadcaster.Call(envelope) with { PayloadKey = key.ToBytes32(), MayBeSent = () => results.IsSure(key) };
    }

    // A failure of one envelope's answer must not discard the other envelopes' answers.
    private async ValueTask<EnvelopeOutcome> TryAnswerAsync(
        Broadcaster broadcaster,
        ParsedEnvelope envelope,
        TransactionRequest call,
        TransactionOutcome outcome,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(broadcaster, envelope, call, outcome, deadline, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (_unknownLines.TryPass(out var suppressed)) LogNoAnswer(logger, envelope.Index, suppressed, exception);
            return EnvelopeOutcome.Failed(AppChainErrors.InDoubt with { EnvelopeIndex = envelope.Index });
        }
    }

    private async ValueTask<EnvelopeOutcome> AnswerAsync(
        Broadcaster broadcaster,
        ParsedEnvelope envelope,
        TransactionRequest call,
        TransactionOutcome outcome,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        if (outcome is { End: TransactionEnd.Mined, Receipt: { } receipt })
            return await AnswerAsync(broadcaster, envelope, receipt, deadline).ConfigureAwait(false);
        var error = outcome.End == TransactionEnd.Reverted
            ? await RevertedAsync(broadcaster, envelope, call, outcome).ConfigureAwait(false)
            : StoreUnavailable(outcome, deadline, cancellationToken) ?? Error(outcome, cancellationToken.IsCancellationRequested);
        return EnvelopeOutcome.Failed(error.EnvelopeIndex is null ? error with { EnvelopeIndex = envelope.Index } : error);
    }

    // In doubt, or mined without an answer: the same envelope may be resent.
    private Task<EnvelopeOutcome>? SettlesOf(
        Broadcaster broadcaster, ParsedEnvelope envelope, TransactionRequest call, TransactionOutcome ended, EnvelopeOutcome outcome)
    {
        if (outcome.IsPublished) return null;
        var settles = ended.End == TransactionEnd.Mined ? Task.FromResult(ended) : ended.Settles;
        // The request's buffer is reused once its caller has its response.
        return settles is null ? null : SettleAsync(broadcaster, envelope.Copy(), call, settles);
    }

    /// <summary>The final outcome of an envelope whose caller no longer waits.</summary>
    internal async Task<EnvelopeOutcome> SettleAsync(
        Broadcaster broadcaster, ParsedEnvelope envelope, TransactionRequest call, Task<TransactionOutcome> settles)
    {
        var ended = await settles.ConfigureAwait(false);
        var outcome = await TryAnswerAsync(
            broadcaster,
            envelope,
            call,
            ended,
            PublishDeadline.After(PublishDeadline.Max, time),
            CancellationToken.None).ConfigureAwait(false);
        if (ended.End != TransactionEnd.Mined) Log(envelope.Index, ended);
        // Mined without an answer: it is paid for, so a resend must not pay a second time.
        var isInDoubt = ended.End == TransactionEnd.InDoubt || (ended.End == TransactionEnd.Mined && !outcome.IsPublished);
        return outcome with { IsInDoubt = isInDoubt, IsUnsent = IsUnsent(ended), OnPersisted = ended.OnPersisted };
    }

    private async ValueTask<EnvelopeOutcome> AnswerAsync(
        Broadcaster broadcaster, ParsedEnvelope envelope, TransactionReceipt receipt, PublishDeadline deadline)
    {
        if (broadcaster.Find(receipt) is not { } ordered
            || !ordered.Identifier.Span.SequenceEqual(envelope.Topic.Identifier.Span)
            || !ordered.Payload.Span.SequenceEqual(envelope.Bytes.Span))
        {
            if (_eventLines.TryPass(out var suppressed)) LogNoEvent(logger, receipt.TransactionHash, suppressed);
            return EnvelopeOutcome.Failed(AppChainErrors.NoEvent with { EnvelopeIndex = envelope.Index });
        }

        var seconds = _times.Plausible(receipt.Logs[0].BlockTimestamp) ?? await BlockTimeAsync(receipt, deadline).ConfigureAwait(false);
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(
            broadcaster.OriginatorId,
            ordered.SequenceId,
            _times.Of(broadcaster.OriginatorId, ordered.SequenceId, seconds ?? 0),
            OriginatorEnvelopeWriter.PayerEnvelope(ordered.Payload.Span));
        return EnvelopeOutcome.Published(OriginatorEnvelopeWriter.ChainEnvelope(unsigned, receipt.TransactionHash.ToArray()));
    }

    // The envelope is published and only its time is missing. Null when the block does not tell it soon.
    private async ValueTask<ulong?> BlockTimeAsync(TransactionReceipt receipt, PublishDeadline deadline)
    {
        var left = deadline.Remaining < options.BlockTimeTimeout ? deadline.Remaining : options.BlockTimeTimeout;
        using var timeout = new CancellationTokenSource(left, time);
        try
        {
            while (true)
            {
                if (await blockTimes.FindAsync(receipt.BlockHash, receipt.BlockNumber, timeout.Token).ConfigureAwait(false) is { } seconds)
                    return seconds;
                await Task.Delay(BlockPause, time, timeout.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            if (_timeLines.TryPass(out var suppressed)) LogNoTime(logger, receipt.BlockNumber, suppressed);
            return null;
        }
    }

    private async ValueTask<PublishError> RevertedAsync(
        Broadcaster broadcaster, ParsedEnvelope envelope, TransactionRequest call, TransactionOutcome outcome)
    {
        var data = outcome.Error?.Data ?? await reverted.DataAsync(call, outcome.Receipt!, CancellationToken.None).ConfigureAwait(false);
        // The contract's bounds or paused state differ from what was last read.
        await broadcaster.State.RefreshAsync(CancellationToken.None).ConfigureAwait(false);
        if (BroadcasterContract.Paused.Is(data)) return AppChainErrors.Paused(broadcaster.State.Name);
        if (!BroadcasterContract.TryReadInvalidPayloadSize(data, out var size)) return AppChainErrors.Reverted(RevertReason.Of(data));
        return size.Actual > size.Max
            ? AppChainErrors.TooLarge(envelope.Index, envelope.Bytes.Length, (long)size.Max)
            : AppChainErrors.TooSmall(envelope.Index, envelope.Bytes.Length, (long)size.Min);
    }

    // Neither the deadline nor the caller ended it: the nonce store is unavailable, or was until now.
    private PublishError? StoreUnavailable(TransactionOutcome outcome, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || deadline.Remaining < Soon || outcome.Error is not null) return null;
        return (outcome.End, transactions.IsStoreUnavailable) switch
        {
            (TransactionEnd.TimedOut or TransactionEnd.NotPublished, true) => AppChainErrors.StoreUnavailable,
            (TransactionEnd.TimedOut, false) => AppChainErrors.NotPublished,
            (TransactionEnd.InDoubt, true) => AppChainErrors.StoreUnavailableInDoubt,
            _ => null,
        };
    }

    private static PublishError Error(TransactionOutcome outcome, bool callerLeft) => outcome.End switch
    {
        TransactionEnd.InDoubt when outcome.IsUntaken => AppChainErrors.NotTaken,
        TransactionEnd.NoFunds => AppChainErrors.NoFunds,
        TransactionEnd.TimedOut or TransactionEnd.InDoubt when callerLeft => PublishFaults.CallerLeft,
        TransactionEnd.TimedOut => AppChainErrors.TimedOut,
        TransactionEnd.InDoubt => AppChainErrors.InDoubt,
        _ => AppChainErrors.NotPublished,
    };

    private static bool IsUnsent(TransactionOutcome ended) =>
        ended.End is not (TransactionEnd.Mined or TransactionEnd.InDoubt) && !ended.WasSent;

    private void Log(int index, TransactionOutcome outcome)
    {
        var failed = new FailedEnvelopes();
        failed.Add(index, outcome);
        Log(failed);
    }

    private void Log(FailedEnvelopes failed)
    {
        if (failed.Count == 0 || !_failedLines.TryPass(out var suppressed)) return;
        LogFailed(logger, failed.Count, failed.First.Index, failed.First.End, failed.First.Reason, suppressed);
    }

    [LoggerMessage(
        EventId = EventIds.AppChainPublishFailed,
        Level = LogLevel.Warning,
        Message = "{Count} envelopes of a request were not published on the App Chain, the first is envelope {Index}: {End}, {Reason} " +
            "(lines of {Suppressed} requests suppressed since the last one)")]
    private static partial void LogFailed(ILogger logger, int count, int index, TransactionEnd end, string reason, long suppressed);

    [LoggerMessage(
        EventId = EventIds.AppChainAnswerMissing,
        Level = LogLevel.Error,
        Message = "the outcome of envelope {Index} on the App Chain is not known ({Suppressed} such lines suppressed since the " +
            "last one)")]
    private static partial void LogNoAnswer(ILogger logger, int index, long suppressed, Exception exception);

    [LoggerMessage(
        EventId = EventIds.AppChainEventMissing,
        Level = LogLevel.Error,
        Message = "transaction {Hash} was mined without the event of its envelope: is that address the contract? ({Suppressed} such " +
            "lines suppressed since the last one)")]
    private static partial void LogNoEvent(ILogger logger, Bytes32 hash, long suppressed);

    [LoggerMessage(
        EventId = EventIds.BlockTimeMissing,
        Level = LogLevel.Warning,
        Message = "the App Chain's endpoint does not tell the time of block {Number}: its envelopes have this gateway's time " +
            "({Suppressed} such lines suppressed since the last one)")]
    private static partial void LogNoTime(ILogger logger, ulong number, long suppressed);
}
