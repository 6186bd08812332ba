using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Envelopes of one request that travel to one node in one call, and where their outcomes go.</summary>
/// <param name="first">The node that the selector chose first.</param>
/// <param name="outcomes">Those of the whole request; the group fills in its own.</param>
internal sealed class NodeGroup(NetworkNode first, EnvelopeOutcome[] outcomes)
{
    /// <summary>
    /// What an envelope takes in a call or its answer besides its own bytes, at most, in bytes: two signatures, ids,
    /// fees, lengths.
    /// </summary>
    internal const int EnvelopeOverhead = 320;

    private readonly List<ParsedEnvelope> _envelopes = new(1);
    private readonly List<int> _places = new(1);
    private int _size;

    /// <summary>The node that the selector chose first.</summary>
    internal NetworkNode First { get; } = first;

    /// <summary>Whose envelopes they are; null when it is not known.</summary>
    internal ClientIdentity? Caller { get; init; }

    internal IReadOnlyList<ParsedEnvelope> Envelopes => _envelopes;

    /// <summary>What they take in a call, at most, in bytes.</summary>
    internal int Size => _size;

    /// <summary>Adds an envelope, unless the call or its answer would become larger than nodes take.</summary>
    internal bool TryAdd(ParsedEnvelope envelope, int place)
    {
        var more = envelope.Bytes.Length + EnvelopeOverhead;
        if (_size > NodeTransport.MaxMessageSize - more) return false;
        _size += more;
        _envelopes.Add(envelope);
        _places.Add(place);
        return true;
    }

    /// <summary>They were published. An empty answer was lost, and its envelope fails with the error.</summary>
    internal EnvelopeOutcome[] Published(IReadOnlyList<ReadOnlyMemory<byte>> answers, PublishError? lost)
    {
        for (var i = 0; i < _places.Count; i++)
            outcomes[_places[i]] = answers[i].IsEmpty ? EnvelopeOutcome.Failed(Own(lost!, i)) : EnvelopeOutcome.Published(answers[i]);
        return outcomes;
    }

    /// <summary>The caller has gone while they were on their way.</summary>
    /// <param name="error">Why it has.</param>
    /// <param name="settles">Ends with the outcomes of <see cref="Envelopes"/>, in their order; never throws.</param>
    internal EnvelopeOutcome[] LeftBehind(PublishError error, Task<EnvelopeOutcome[]> settles)
    {
        for (var i = 0; i < _places.Count; i++)
            outcomes[_places[i]] = EnvelopeOutcome.Failed(Own(error, i)) with { Settles = OneAsync(settles, i) };
        return outcomes;
    }

    /// <summary>The same envelopes, with outcomes of their own in their order.</summary>
    internal NodeGroup Apart()
    {
        var apart = new NodeGroup(First, new EnvelopeOutcome[_places.Count])
        {
            Caller = Caller,
            MayBeTaken = MayBeTaken,
            Doubtful = Doubtful,
        };
        for (var i = 0; i < _places.Count; i++)
        {
            apart._envelopes.Add(_envelopes[i]);
            apart._places.Add(i);
        }

        return apart;
    }

    /// <summary>Whether a node may have taken them without an answer that says so.</summary>
    internal bool MayBeTaken { get; set; }

    /// <summary>The first node that may have taken them so; null when there is none.</summary>
    internal uint? Doubtful { get; private set; }

    /// <summary>Notes what a try that did not publish them leaves open.</summary>
    internal void Doubt(NetworkNode node, AttemptResult result)
    {
        if (!result.MayBeTaken) return;
        MayBeTaken = true;
        Doubtful ??= node.Id;
    }

    /// <summary>All of them failed: a node takes a call whole or not at all. An index that the error names already stays.</summary>
    internal EnvelopeOutcome[] Failed(PublishError error)
    {
        for (var i = 0; i < _places.Count; i++)
        {
            var own = Own(error, i);
            outcomes[_places[i]] = MayBeTaken ? EnvelopeOutcome.Failed(own) : EnvelopeOutcome.NotSent(own);
        }

        return outcomes;
    }

    private PublishError Own(PublishError error, int i) =>
        error.EnvelopeIndex is null ? error with { EnvelopeIndex = _envelopes[i].Index } : error;

    private static async Task<EnvelopeOutcome> OneAsync(Task<EnvelopeOutcome[]> settles, int i) => (await settles.ConfigureAwait(false))[i];
}
