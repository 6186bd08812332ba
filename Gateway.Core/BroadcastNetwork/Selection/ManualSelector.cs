using Microsoft.Extensions.Options;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>The first usable node of the preferred list, and no other.</summary>
public sealed class ManualSelector(IOptions<BroadcastNetworkOptions> options) : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "manual";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        foreach (var id in options.Value.PreferredNodes)
            if (nodes.TryGet(id, out var node) && !isBanned(id))
                return node;
        return null;
    }
}
