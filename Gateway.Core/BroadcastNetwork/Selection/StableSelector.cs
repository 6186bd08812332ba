using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>The default: a topic keeps its node while the set of nodes stays the same.</summary>
/// <remarks>
/// Nodes sorted by id have the positions i × (0xFFFFFFFF / count); a topic goes to the first one after its hash, and
/// on a ban to the next.
/// </remarks>
public sealed class StableSelector : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "stable";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        var count = nodes.Nodes.Count;
        if (count == 0) return null;
        var hash = StableHash.Position(topic.Identifier.Span);
        var spacing = uint.MaxValue / (uint)count;

        // The first i with i × spacing > hash; count when there is none, which wraps to 0.
        var first = (int)Math.Min((hash / spacing) + 1, (uint)count);
        for (var i = 0; i < count; i++)
        {
            var node = nodes.Nodes[(first + i) % count];
            if (!isBanned(node.Id)) return node;
        }

        return null;
    }
}
