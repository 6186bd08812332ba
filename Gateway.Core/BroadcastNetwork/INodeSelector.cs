using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>A strategy that chooses a node for a topic. Selected by its name among all registered ones.</summary>
public interface INodeSelector
{
    /// <summary>The value of <c>--payer.node-selector-strategy</c> that selects it.</summary>
    string Name { get; }

    /// <summary>Chooses a node, without waiting.</summary>
    /// <param name="nodes">The usable nodes.</param>
    /// <param name="topic">The topic of the envelope.</param>
    /// <param name="isBanned">Whether a node must not be used now.</param>
    /// <returns>The node, or null when none may be used.</returns>
    NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned);
}
