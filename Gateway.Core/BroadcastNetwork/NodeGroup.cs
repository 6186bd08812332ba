using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Envelopes of one request that travel to one node together, and where their outcomes go.</summary>
internal sealed class NodeGroup(NetworkNode first, EnvelopeOutcome[] outcomes)
{
    private readonly List<ParsedEnvelope> envelopes = new(1);
    private readonly List<int> places = new(1);

    /// <summary>The node that the selector chose first.</summary>
    internal NetworkNode First { get; } = first;

    internal IReadOnlyList<ParsedEnvelope> Envelopes => envelopes;

    internal void Add(ParsedEnvelope envelope, int place)
    {
        envelopes.Add(envelope);
        places.Add(place);
    }

    internal void Published(List<ReadOnlyMemory<byte>> answers)
    {
        for (var i = 0; i < places.Count; i++) outcomes[places[i]] = EnvelopeOutcome.Published(answers[i]);
    }

    internal void Failed(PublishError error)
    {
        for (var i = 0; i < places.Count; i++) outcomes[places[i]] = EnvelopeOutcome.Failed(error with { EnvelopeIndex = envelopes[i].Index });
    }
}
