namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The usable nodes, as last read from the NodeRegistry contract.</summary>
public interface INodeRegistry
{
    /// <summary>The nodes of the last successful read; empty before the first. A failed RPC call does not change it.</summary>
    NodeSet Current { get; }

    /// <summary>Reads the contract now.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Raised after <see cref="Current"/> changed.</summary>
    event Action<NodeSet>? Changed;
}
