using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>The envelopes of a reader in batches: first the existing ones, then new ones as they arrive.</summary>
internal sealed class EnvelopeFeed(EnvelopeStore store, ReadCursor cursor)
{
    private const int MaxEnvelopes = 100;
    private const int MaxBytes = 1 << 20;

    // Taken before the existing envelopes are read: an envelope that arrives meanwhile is seen twice and taken once.
    private int _position = store.ReadFrom(store.Count).Next;

    /// <summary>The existing envelopes.</summary>
    public IEnumerable<IReadOnlyList<OriginatorEnvelope>> CatchUp() => Batches(cursor.Candidates(store).Where(cursor.TryTake));

    /// <summary>The next envelopes, as soon as there are any.</summary>
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

    /// <summary>Splits envelopes into messages of a size that every reader accepts.</summary>
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
