namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Where the nodes are read from: the NodeRegistry contract.</summary>
public interface INodeSource
{
    /// <summary>Reads the usable nodes now.</summary>
    /// <returns>Null when they could not be read; the reason is in the log.</returns>
    Task<NodeSet?> ReadAsync(CancellationToken cancellationToken);
}
