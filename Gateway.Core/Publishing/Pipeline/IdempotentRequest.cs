using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>The envelopes of one request, each with its key and its outcome at the same index, here called its place.</summary>
/// <remarks>Several parts of a request end at the same time; each place has one writer.</remarks>
internal sealed class IdempotentRequest(
    PublishContext context,
    IPublishedStore store,
    EnvelopeKey[] keys,
    PublishDeadline deadline,
    IdempotencyMetrics metrics,
    CancellationToken cancellationToken)
{
    private long _repeatedBytes;

    internal PublishContext Context => context;

    internal IReadOnlyList<ParsedEnvelope> Envelopes => context.Envelopes;

    internal IPublishedStore Store => store;

    internal EnvelopeKey[] Keys => keys;

    internal PublishDeadline Deadline => deadline;

    /// <summary>Cancelled when the caller leaves.</summary>
    internal CancellationToken CancellationToken => cancellationToken;

    internal EnvelopeOutcome[] Outcomes { get; } = new EnvelopeOutcome[context.Envelopes.Count];

    /// <summary>The bytes of the envelopes that repeat others, whatever came of them.</summary>
    internal long RepeatedBytes => Interlocked.Read(ref _repeatedBytes);

    /// <summary>The keys of a request's envelopes.</summary>
    internal static EnvelopeKey[] KeysOf(PublishContext context)
    {
        var keys = new EnvelopeKey[context.Envelopes.Count];
        for (var i = 0; i < keys.Length; i++) keys[i] = EnvelopeKey.Of(context.Identity, context.Envelopes[i]);
        return keys;
    }

    /// <summary>The places of different envelopes.</summary>
    /// <param name="repeats">The other places, each with the place of the same envelope; null when there is none.</param>
    internal List<int> FirstOfEachKey(out List<(int Place, int Of)>? repeats)
    {
        repeats = null;
        if (keys.Length == 1) return [0];
        var first = new List<int>(keys.Length);
        var seen = new Dictionary<EnvelopeKey, int>(keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            if (seen.TryAdd(keys[i], i))
            {
                first.Add(i);
                continue;
            }

            (repeats ??= []).Add((i, seen[keys[i]]));
            CountBytes(i);
        }

        return first;
    }

    /// <summary>Gives an envelope the answer of an earlier publish.</summary>
    internal void Repeat(int place, PublishedAnswer answer)
    {
        metrics.Repeated(1);
        CountBytes(place);
        Outcomes[place] = EnvelopeOutcome.Published(answer.Restore(Envelopes[place].Bytes.Span));
    }

    /// <summary>Gives an envelope the outcome of the same envelope at another place.</summary>
    internal void RepeatFirst(int place, int of)
    {
        var first = Outcomes[of];
        if (first.Error is { } error)
        {
            Fail(place, error);
            return;
        }

        metrics.Repeated(1);
        Outcomes[place] = first;
    }

    /// <summary>Refuses an envelope that another call published, or publishes.</summary>
    internal void FailRepeated(int place, PublishError error)
    {
        CountBytes(place);
        Fail(place, error);
    }

    /// <summary>Refuses an envelope that this process could not remember as published.</summary>
    internal void FailNotRemembered(int place)
    {
        metrics.NotRemembered();
        Fail(place, IdempotencyErrors.NotRemembered);
    }

    /// <summary>The error of an envelope whose wait ended: its caller left, or else this one.</summary>
    internal PublishError LeftOr(PublishError error) => PublishFaults.LeftOr(error, cancellationToken);

    /// <summary>Refuses an envelope.</summary>
    internal void Fail(int place, PublishError error) =>
        Outcomes[place] = EnvelopeOutcome.Failed(error with { EnvelopeIndex = Envelopes[place].Index });

    private void CountBytes(int place) => Interlocked.Add(ref _repeatedBytes, Envelopes[place].Bytes.Length);
}
