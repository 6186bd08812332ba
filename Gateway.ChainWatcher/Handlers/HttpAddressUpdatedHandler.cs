using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.ChainWatcher.Handlers;

/// <summary>NodeRegistry: a node changed its address. The address is not validated and therefore not included.</summary>
internal sealed class HttpAddressUpdatedHandler() : ChainEventHandler("HttpAddressUpdated", NodeRegistryContract.HttpAddressUpdatedTopic)
{
    /// <inheritdoc/>
    public override ChangeKind? Change => ChangeKind.NodesChanged;

    /// <inheritdoc/>
    protected override ChainEvent? Fill(LogEntry log, ChainEvent happened) =>
        NodeRegistryContract.TryReadNodeId(log, out var node) ? happened with { Node = node } : null;
}
