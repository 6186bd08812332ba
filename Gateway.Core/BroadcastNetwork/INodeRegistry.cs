namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The usable nodes, as last read from the NodeRegistry contract.</summary>
public interface INodeRegistry
{
    /// <summary>The last good reading; empty until there was one. An RPC that fails leaves it as it is.</summary>
    NodeSet Current { get; }

    /// <summary>Reads the contract now.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Raised after <see cref="Current"/> changed.</summary>
    event Action<NodeSet>? Changed;
}
