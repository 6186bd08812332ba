namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>Gives the node's services access to the App Chain's state; the indexer is set once the node has started.</summary>
internal sealed class ChainView
{
    /// <summary>The node's indexer; null for a node without a chain.</summary>
    public AppChainIndexer? Indexer { get; set; }

    /// <summary>Adds everything that the chain has now to the node's store.</summary>
    public Task CatchUpAsync(CancellationToken cancellationToken) => Indexer?.CatchUpAsync(cancellationToken) ?? Task.CompletedTask;
}
