using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>A strategy of choosing a node for a topic. Found by its name among all that are registered.</summary>
public interface INodeSelector
{
    /// <summary>The value of <c>--payer.node-selector-strategy</c> that picks it.</summary>
    string Name { get; }

    /// <summary>Chooses a node. Waits for nothing.</summary>
    /// <param name="nodes">The usable nodes.</param>
    /// <param name="topic">The topic of the envelope.</param>
    /// <param name="isBanned">Whether a node is not to be used now.</param>
    /// <returns>The node, or null when none may be used.</returns>
    NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned);
}
