using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Flow 1: groups envelopes by node and publishes the groups concurrently.</summary>
internal sealed class BroadcastNetworkPublisher(INodeRegistry registry, NodeChoice choice, NodeGroupPublisher groups)
    : ICallerAwarePublisher
{
    private const int MaxEnvelopeSize = NodeTransport.MaxMessageSize - NodeGroup.EnvelopeOverhead;

    private static readonly PublishError NoNodes =
        new(PublishErrorKind.Unavailable, "no node of the Broadcast Network is known yet") { RetryAfter = TimeSpan.FromSeconds(1) };

    public Destination Destination => Destination.BroadcastNetwork;

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes) =>
        EnvelopeSize.Check(envelopes, MaxEnvelopeSize, "a node takes") ?? (registry.Current.Nodes.Count == 0 ? NoNodes : null);

    public ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken) =>
        PublishAsync(envelopes, null, deadline, cancellationToken);

    public ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, ClientIdentity? caller, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var outcomes = new EnvelopeOutcome[envelopes.Count];
        return envelopes.Count == 1
            ? PublishOneAsync(envelopes[0], caller, outcomes, deadline, cancellationToken)
            : PublishManyAsync(envelopes, caller, outcomes, deadline, cancellationToken);
    }

    private ValueTask<EnvelopeOutcome[]> PublishOneAsync(
        ParsedEnvelope envelope,
        ClientIdentity? caller,
        EnvelopeOutcome[] outcomes,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        if (choice.First(envelope.Topic) is { } node)
        {
            var group = new NodeGroup(node, outcomes) { Caller = caller };
            group.TryAdd(envelope, 0);
            return groups.PublishAsync(group, deadline, cancellationToken);
        }

        outcomes[0] = NoneLeft(envelope);
        return new(outcomes);
    }

    private async ValueTask<EnvelopeOutcome[]> PublishManyAsync(
        IReadOnlyList<ParsedEnvelope> envelopes,
        ClientIdentity? caller,
        EnvelopeOutcome[] outcomes,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        var all = Group(envelopes, caller, outcomes);
        if (all.Count == 1)
        {
            await groups.PublishAsync(all[0], deadline, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await Task.WhenAll(
                all.ConvertAll(group => groups.PublishAsync(group, deadline, cancellationToken).AsTask())).ConfigureAwait(false);
        }
        return outcomes;
    }

    private List<NodeGroup> Group(IReadOnlyList<ParsedEnvelope> envelopes, ClientIdentity? caller, EnvelopeOutcome[] outcomes)
    {
        var all = new List<NodeGroup>(1);
        var filling = new Dictionary<uint, NodeGroup>();
        for (var i = 0; i < envelopes.Count; i++)
        {
            if (choice.First(envelopes[i].Topic) is not { } node)
            {
                outcomes[i] = NoneLeft(envelopes[i]);
                continue;
            }

            if (filling.TryGetValue(node.Id, out var group) && group.TryAdd(envelopes[i], i)) continue;
            filling[node.Id] = group = new NodeGroup(node, outcomes) { Caller = caller };
            group.TryAdd(envelopes[i], i);
            all.Add(group);
        }

        return all;
    }

    private EnvelopeOutcome NoneLeft(ParsedEnvelope envelope) =>
        EnvelopeOutcome.NotSent(choice.NoneLeft() with { EnvelopeIndex = envelope.Index });
}
