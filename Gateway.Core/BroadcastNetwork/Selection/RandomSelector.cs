using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>Any usable node, each as likely.</summary>
public sealed class RandomSelector : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        var usable = 0;
        NetworkNode? chosen = null;

        // One pass: the n-th usable node takes the place with a chance of 1/n.
#pragma warning disable CA5394 // a spread of load, not a secret
        foreach (var node in nodes.Nodes)
            if (!isBanned(node.Id) && Random.Shared.Next(++usable) == 0)
                chosen = node;
#pragma warning restore CA5394
        return chosen;
    }
}
