using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Envelopes of one request that are sent to one node in one call, and the slots of their outcomes.</summary>
/// <param name="first">The node that the selector chose first.</param>
/// <param name="outcomes">The outcomes of the whole request; the group fills in its own.</param>
internal sealed class NodeGroup(NetworkNode first, EnvelopeOutcome[] outcomes)
{
    /// <summary>
    /// The max overhead of an envelope in a call or its response, in bytes, besides its own bytes: two signatures, ids,
    /// fees, lengths.
    /// </summary>
    internal const int EnvelopeOverhead = 320;

    private readonly List<ParsedEnvelope> _envelopes = new(1);
    private readonly List<int> _places = new(1);
    private int _size;

    /// <summary>The node that the selector chose first.</summary>
    internal NetworkNode First { get; } = first;

    /// <summary>The caller of the envelopes; null when it is not known.</summary>
    internal ClientIdentity? Caller { get; init; }

    internal IReadOnlyList<ParsedEnvelope> Envelopes => _envelopes;

    /// <summary>The max size of the envelopes in a call, in bytes.</summary>
    internal int Size => _size;

    /// <summary>Adds an envelope, unless the call or its response would exceed the max message size of nodes.</summary>
    internal bool TryAdd(ParsedEnvelope envelope, int place)
    {
        var more = envelope.Bytes.Length + EnvelopeOverhead;
        if (_size > NodeTransport.MaxMessageSize - more) return false;
        _size += more;
        _envelopes.Add(envelope);
        _places.Add(place);
        return true;
    }

    /// <summary>
    /// Sets the outcomes of published envelopes. An empty answer was lost, and its envelope fails with the error.
    /// </summary>
    internal EnvelopeOutcome[] Published(IReadOnlyList<ReadOnlyMemory<byte>> answers, PublishError? lost)
    {
        for (var i = 0; i < _places.Count; i++)
            outcomes[_places[i]] = answers[i].IsEmpty ? EnvelopeOutcome.Failed(Own(lost!, i)) : EnvelopeOutcome.Published(answers[i]);
        return outcomes;
    }

    /// <summary>Sets the outcomes of envelopes whose caller left while the call was running.</summary>
    /// <param name="error">Why the caller left.</param>
    /// <param name="settles">Completes with the outcomes of <see cref="Envelopes"/>, in their order; never throws.</param>
    internal EnvelopeOutcome[] LeftBehind(PublishError error, Task<EnvelopeOutcome[]> settles)
    {
        for (var i = 0; i < _places.Count; i++)
            outcomes[_places[i]] = EnvelopeOutcome.Failed(Own(error, i)) with { Settles = OneAsync(settles, i) };
        return outcomes;
    }

    /// <summary>A group of the same envelopes with a separate array of outcomes, in their order.</summary>
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

    /// <summary>Whether a node may have accepted them without a response that confirms it.</summary>
    internal bool MayBeTaken { get; set; }

    /// <summary>The first node that may have accepted them without confirming it; null when there is none.</summary>
    internal uint? Doubtful { get; private set; }

    /// <summary>Records what an attempt that did not publish them leaves open.</summary>
    internal void Doubt(NetworkNode node, AttemptResult result)
    {
        if (!result.MayBeTaken) return;
        MayBeTaken = true;
        Doubtful ??= node.Id;
    }

    /// <summary>
    /// Fails all of them: a node accepts a call entirely or not at all. Keeps an index that the error already has.
    /// </summary>
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
