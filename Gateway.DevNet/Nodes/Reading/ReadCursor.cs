using Google.Protobuf;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes.Reading;

/// <summary>The topics or originators that a reader follows, and the last sequence id of each originator that it has.</summary>
/// <remarks>Belongs to one reader. It takes no envelope twice, except when it follows everything.</remarks>
internal sealed class ReadCursor
{
    private readonly Dictionary<string, Dictionary<uint, ulong>> _topics = [];
    private readonly Dictionary<uint, ulong> _originators = [];

    private bool _isEverything;

    /// <summary>Follows all new envelopes.</summary>
    public static ReadCursor Everything() => new() { _isEverything = true };

    /// <summary>Follows a topic. Only the first entry for a topic counts.</summary>
    /// <param name="topic">The topic, including its kind byte.</param>
    /// <param name="seen">What the reader already has; null for nothing.</param>
    public void AddTopic(ByteString topic, Cursor? seen) =>
        _topics.TryAdd(Convert.ToHexString(topic.Span), seen is null ? [] : new Dictionary<uint, ulong>(seen.NodeIdToSequenceId));

    /// <summary>Follows all envelopes of an originator.</summary>
    /// <param name="originator">Its id.</param>
    /// <param name="seen">What the reader already has; null for nothing.</param>
    public void AddOriginator(uint originator, Cursor? seen) =>
        _originators.TryAdd(originator, seen?.NodeIdToSequenceId.GetValueOrDefault(originator) ?? 0);

    /// <summary>The followed envelopes that a store has now; those of one originator are in order.</summary>
    public IEnumerable<StoredEnvelope> Candidates(EnvelopeStore store)
    {
        foreach (var topic in _topics.Keys)
            foreach (var envelope in store.OfTopic(Convert.FromHexString(topic)))
                yield return envelope;
        foreach (var (originator, seen) in _originators)
            foreach (var envelope in store.OfOriginator(originator, seen))
                yield return envelope;
    }

    /// <summary>Whether the reader wants an envelope; if so, it counts as taken.</summary>
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
