using Microsoft.Extensions.Options;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>The first usable node of the preferred list, then any other by id.</summary>
public sealed class OrderedSelector(IOptions<BroadcastNetworkOptions> options) : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "ordered";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        foreach (var id in options.Value.PreferredNodes)
            if (nodes.TryGet(id, out var preferred) && !isBanned(id))
                return preferred;
        foreach (var node in nodes.Nodes)
            if (!isBanned(node.Id))
                return node;
        return null;
    }
}
