using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Flow 1: groups envelopes by node and publishes the groups side by side.</summary>
internal sealed class BroadcastNetworkPublisher(INodeRegistry registry, NodeChoice choice, NodeGroupPublisher groups) : IEnvelopePublisher
{
    public Destination Destination => Destination.BroadcastNetwork;

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes) =>
        registry.Current.Nodes.Count == 0
            ? new PublishError(PublishErrorKind.Unavailable, "no node of the Broadcast Network is known yet") { RetryAfter = TimeSpan.FromSeconds(1) }
            : null;

    public async ValueTask<EnvelopeOutcome[]> PublishAsync(IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        var outcomes = new EnvelopeOutcome[envelopes.Count];
        if (envelopes.Count == 1)
        {
            if (ChooseInto(null, envelopes, 0, outcomes) is { } only) await groups.PublishAsync(only, deadline, cancellationToken);
            return outcomes;
        }

        var byNode = new Dictionary<uint, NodeGroup>();
        for (var i = 0; i < envelopes.Count; i++) ChooseInto(byNode, envelopes, i, outcomes);
        await Task.WhenAll(byNode.Values.Select(group => groups.PublishAsync(group, deadline, cancellationToken).AsTask()));
        return outcomes;
    }

    private NodeGroup? ChooseInto(Dictionary<uint, NodeGroup>? byNode, IReadOnlyList<ParsedEnvelope> envelopes, int place, EnvelopeOutcome[] outcomes)
    {
        if (choice.First(envelopes[place].Topic) is not { } node)
        {
            outcomes[place] = EnvelopeOutcome.Failed(choice.NoneLeft() with { EnvelopeIndex = envelopes[place].Index });
            return null;
        }

        NodeGroup? group = null;
        if (byNode?.TryGetValue(node.Id, out group) != true)
        {
            group = new NodeGroup(node, outcomes);
            byNode?.Add(node.Id, group);
        }

        group!.Add(envelopes[place], place);
        return group;
    }
}
