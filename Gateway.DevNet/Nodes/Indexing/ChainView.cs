namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>Whether a node has what the App Chain has, for the node's services; its indexer is there once the node has started.</summary>
internal sealed class ChainView
{
    /// <summary>The node's indexer; null for a node without a chain.</summary>
    public AppChainIndexer? Indexer { get; set; }

    /// <summary>Brings everything that the chain has now.</summary>
    public Task CatchUpAsync(CancellationToken cancellationToken) => Indexer?.CatchUpAsync(cancellationToken) ?? Task.CompletedTask;
}
