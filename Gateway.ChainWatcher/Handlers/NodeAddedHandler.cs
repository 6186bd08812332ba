using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>NodeRegistry: a node was added to the registry, but not yet to the network.</summary>
internal sealed class NodeAddedHandler() : ChainEventHandler("NodeAdded", NodeRegistryContract.NodeAddedTopic)
{
    /// <inheritdoc/>
    public override ChangeKind? Change => ChangeKind.NodesChanged;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        NodeRegistryContract.TryReadNodeId(log, out var node) ? happened with { Node = node } : null;
}
