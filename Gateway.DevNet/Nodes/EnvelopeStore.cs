namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What a node keeps, in memory: every envelope by its originator and by its topic, each in order.</summary>
/// <remarks>
/// Thread-safe. One lock serves everything, so a reader sees a batch whole or not at all. The node's own envelopes are
/// numbered by <see cref="Append"/>; those of other originators come with their numbers by <see cref="TryAdd"/>.
/// </remarks>
public sealed class EnvelopeStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<uint, List<StoredEnvelope>> byOriginator = [];
    private readonly Dictionary<string, List<StoredEnvelope>> byTopic = [];
    private int count;

    /// <summary>How many envelopes there are, of all originators.</summary>
    public int Count
    {
        get
        {
            lock (gate) return count;
        }
    }

    /// <summary>The last number seen of an originator; 0 when there is none.</summary>
    public ulong LastSequenceId(uint originatorId)
    {
        lock (gate) return byOriginator.TryGetValue(originatorId, out var list) ? list[^1].SequenceId : 0;
    }

    /// <summary>Numbers and stores a batch, one number after another with none in between.</summary>
    /// <param name="originatorId">The originator.</param>
    /// <param name="batchSize">How many.</param>
    /// <param name="make">Makes the i-th envelope of the batch with the number that it gets. If it throws, nothing of the batch is kept.</param>
    /// <returns>The envelopes, in order.</returns>
    public IReadOnlyList<StoredEnvelope> Append(uint originatorId, int batchSize, Func<int, ulong, StoredEnvelope> make)
    {
        var batch = new StoredEnvelope[batchSize];
        lock (gate)
        {
            var last = LastSequenceId(originatorId);
            for (var i = 0; i < batchSize; i++) batch[i] = make(i, last + (ulong)i + 1);
            foreach (var envelope in batch) Keep(envelope);
        }

        return batch;
    }

    /// <summary>Stores an envelope that has its number already: one of another node, or of the App Chain.</summary>
    /// <returns>False when this number, or a later one of the same originator, is there already.</returns>
    public bool TryAdd(StoredEnvelope envelope)
    {
        lock (gate)
        {
            if (envelope.SequenceId <= LastSequenceId(envelope.OriginatorId)) return false;
            Keep(envelope);
            return true;
        }
    }

    /// <summary>The envelopes of an originator with a number above <paramref name="after"/>, in order.</summary>
    public IReadOnlyList<StoredEnvelope> OfOriginator(uint originatorId, ulong after = 0, int limit = int.MaxValue)
    {
        lock (gate)
            return byOriginator.TryGetValue(originatorId, out var list) ? [.. list.Where(envelope => envelope.SequenceId > after).Take(limit)] : [];
    }

    /// <summary>The envelopes of a topic in the order in which this node got them.</summary>
    public IReadOnlyList<StoredEnvelope> OfTopic(ReadOnlySpan<byte> topic)
    {
        var key = Convert.ToHexString(topic);
        lock (gate) return byTopic.TryGetValue(key, out var list) ? [.. list] : [];
    }

    private void Keep(StoredEnvelope envelope)
    {
        ListOf(byOriginator, envelope.OriginatorId).Add(envelope);
        ListOf(byTopic, Convert.ToHexString(envelope.Topic.Bytes.Span)).Add(envelope);
        count++;
    }

    private static List<StoredEnvelope> ListOf<TKey>(Dictionary<TKey, List<StoredEnvelope>> lists, TKey key)
        where TKey : notnull
    {
        if (!lists.TryGetValue(key, out var list)) lists[key] = list = [];
        return list;
    }
}
