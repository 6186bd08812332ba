using Google.Protobuf;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>What one reader follows, topics or originators, and the last number of each originator that it has of them.</summary>
/// <remarks>Belongs to one reader. What it has taken once it does not take again.</remarks>
internal sealed class ReadCursor
{
    private readonly Dictionary<string, Dictionary<uint, ulong>> _topics = [];
    private readonly Dictionary<uint, ulong> _originators = [];

    private bool _isEverything;

    /// <summary>Follows everything that comes from now on.</summary>
    public static ReadCursor Everything() => new() { _isEverything = true };

    /// <summary>Follows a topic. The first of two entries for one topic counts.</summary>
    /// <param name="topic">With its kind byte.</param>
    /// <param name="seen">What the reader has; null for nothing.</param>
    public void AddTopic(ByteString topic, Cursor? seen) =>
        _topics.TryAdd(Convert.ToHexString(topic.Span), seen is null ? [] : new Dictionary<uint, ulong>(seen.NodeIdToSequenceId));

    /// <summary>Follows all of an originator.</summary>
    /// <param name="originator">Its id.</param>
    /// <param name="seen">What the reader has; null for nothing.</param>
    public void AddOriginator(uint originator, Cursor? seen) =>
        _originators.TryAdd(originator, seen?.NodeIdToSequenceId.GetValueOrDefault(originator) ?? 0);

    /// <summary>Everything that is followed, of what a store has now; those of one originator in its order.</summary>
    public IEnumerable<StoredEnvelope> Candidates(EnvelopeStore store)
    {
        foreach (var topic in _topics.Keys)
            foreach (var envelope in store.OfTopic(Convert.FromHexString(topic)))
                yield return envelope;
        foreach (var (originator, seen) in _originators)
            foreach (var envelope in store.OfOriginator(originator, seen))
                yield return envelope;
    }

    /// <summary>Whether the reader wants an envelope; it then has it.</summary>
    public bool TryTake(StoredEnvelope envelope)
    {
        if (_isEverything) return true;
        var seen = _topics.GetValueOrDefault(Convert.ToHexString(envelope.Topic.Bytes.Span))
            ?? (_originators.ContainsKey(envelope.OriginatorId) ? _originators : null);
        if (seen is null || envelope.SequenceId <= seen.GetValueOrDefault(envelope.OriginatorId)) return false;
        seen[envelope.OriginatorId] = envelope.SequenceId;
        return true;
    }
}
