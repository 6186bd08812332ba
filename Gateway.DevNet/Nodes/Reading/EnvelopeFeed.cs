using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>What a reader follows, batch after batch: first what is there, then what comes.</summary>
internal sealed class EnvelopeFeed(EnvelopeStore store, ReadCursor cursor)
{
    private const int MaxEnvelopes = 100;
    private const int MaxBytes = 1 << 20;

    // Before the first look at what is there: what comes meanwhile is looked at twice and taken once.
    private int _position = store.ReadFrom(store.Count).Next;

    /// <summary>What is there already.</summary>
    public IEnumerable<IReadOnlyList<OriginatorEnvelope>> CatchUp() => Batches(cursor.Candidates(store).Where(cursor.TryTake));

    /// <summary>What comes next, as soon as there is some.</summary>
    public async Task<IEnumerable<IReadOnlyList<OriginatorEnvelope>>> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var fresh = store.ReadFrom(_position);
            _position = fresh.Next;
            var batches = Batches(fresh.Envelopes.Where(cursor.TryTake)).ToList();
            if (batches.Count > 0) return batches;
            await fresh.More.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Cuts what is sent into messages of a size that every reader takes.</summary>
    public static IEnumerable<IReadOnlyList<OriginatorEnvelope>> Batches(IEnumerable<StoredEnvelope> envelopes)
    {
        var (batch, size) = (new List<OriginatorEnvelope>(), 0);
        foreach (var envelope in envelopes)
        {
            if (batch.Count == MaxEnvelopes || (batch.Count > 0 && size + envelope.Bytes.Length > MaxBytes))
            {
                yield return batch;
                (batch, size) = ([], 0);
            }

            batch.Add(OriginatorEnvelope.Parser.ParseFrom(envelope.Bytes.Span));
            size += envelope.Bytes.Length;
        }

        if (batch.Count > 0) yield return batch;
    }
}
