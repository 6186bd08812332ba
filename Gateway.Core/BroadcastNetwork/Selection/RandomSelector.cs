using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>Any usable node, with equal probability.</summary>
public sealed class RandomSelector : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        var usable = 0;
        NetworkNode? chosen = null;

        // One pass: the n-th usable node replaces the chosen one with a probability of 1/n.
#pragma warning disable CA5394 // load balancing, not a secret
        foreach (var node in nodes.Nodes)
            if (!isBanned(node.Id) && Random.Shared.Next(++usable) == 0)
                chosen = node;
#pragma warning restore CA5394
        return chosen;
    }
}
