using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Envelopes of one request that travel to one node in one call, and where their outcomes go.</summary>
/// <param name="first">The node that the selector chose first.</param>
/// <param name="outcomes">Those of the whole request; the group fills in its own.</param>
internal sealed class NodeGroup(NetworkNode first, EnvelopeOutcome[] outcomes)
{
    /// <summary>What an envelope takes in a call or its answer besides its own bytes, at most, in bytes: two signatures, ids, fees, lengths.</summary>
    internal const int RoomAnEnvelope = 320;

    private readonly List<ParsedEnvelope> envelopes = new(1);
    private readonly List<int> places = new(1);
    private int size;

    /// <summary>The node that the selector chose first.</summary>
    internal NetworkNode First { get; } = first;

    internal IReadOnlyList<ParsedEnvelope> Envelopes => envelopes;

    /// <summary>Adds an envelope, unless the call or its answer would become larger than nodes take.</summary>
    internal bool TryAdd(ParsedEnvelope envelope, int place)
    {
        var more = envelope.Bytes.Length + RoomAnEnvelope;
        if (size > NodeTransport.LargestMessage - more) return false;
        size += more;
        envelopes.Add(envelope);
        places.Add(place);
        return true;
    }

    internal EnvelopeOutcome[] Published(List<ReadOnlyMemory<byte>> answers)
    {
        for (var i = 0; i < places.Count; i++) outcomes[places[i]] = EnvelopeOutcome.Published(answers[i]);
        return outcomes;
    }

    /// <summary>Whether a node may have taken them without an answer that says so.</summary>
    internal bool MayBeTaken { get; set; }

    /// <summary>All of them failed: a node takes a call whole or not at all. An index that the error names already stays.</summary>
    internal EnvelopeOutcome[] Failed(PublishError error)
    {
        for (var i = 0; i < places.Count; i++)
        {
            var own = error.EnvelopeIndex is null ? error with { EnvelopeIndex = envelopes[i].Index } : error;
            outcomes[places[i]] = MayBeTaken ? EnvelopeOutcome.Failed(own) : EnvelopeOutcome.NotSent(own);
        }

        return outcomes;
    }
}
