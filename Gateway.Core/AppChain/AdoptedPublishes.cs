using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.Transactions;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.AppChain;

/// <summary>What a lost process was publishing is claimed again, so that its resend waits for that very transaction and gets its answer.</summary>
/// <remarks>A transaction that only fills its nonce names no envelope: then the resend waits until the lost process's claim ends.</remarks>
internal sealed partial class AdoptedPublishes(IPublishedStore results, AppChainPublisher publisher, IReadOnlyList<Broadcaster> broadcasters, ILogger<AdoptedPublishes> logger)
{
    // Owners of claims count up from 1; these count down.
    private ulong owners = ulong.MaxValue;

    /// <summary>A transaction was taken over.</summary>
    internal void Take(UnsignedTransaction transaction, Task<TransactionOutcome> settles)
    {
        foreach (var broadcaster in broadcasters)
            if (broadcaster.Read(transaction) is { } envelope)
                _ = KeepAsync(broadcaster, envelope, settles);
    }

    private async Task KeepAsync(Broadcaster broadcaster, ParsedEnvelope envelope, Task<TransactionOutcome> settles)
    {
        var (key, owner) = (EnvelopeKey.OnChain(envelope.Bytes.Span), Interlocked.Decrement(ref owners));
        try
        {
            if ((await results.SeizeAsync(key, owner, CancellationToken.None).ConfigureAwait(false)).State != ClaimState.Mine) return;
            var outcome = await publisher.SettleAsync(broadcaster, envelope, broadcaster.Call(envelope), settles).ConfigureAwait(false);
            if (outcome.IsInDoubt) results.Abandon(key, owner);
            else await results.EndAsync(key, owner, PublishedAnswer.Of(outcome, envelope.Bytes.Span)).ConfigureAwait(false);
            outcome.Kept?.Invoke();
        }
#pragma warning disable CA1031 // Nobody waits for this; the claim ends by itself.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogFailed(logger, error);
        }
    }

    [LoggerMessage(EventId = 3405, Level = LogLevel.Error, Message = "the result of a transaction that was taken over could not be kept")]
    private static partial void LogFailed(ILogger logger, Exception error);
}
