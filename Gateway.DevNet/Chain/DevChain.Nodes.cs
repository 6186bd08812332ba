using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;

namespace Xmtp.Gateway.DevNet.Chain;

/// <content>The network's nodes.</content>
public sealed partial class DevChain
{
    /// <summary>Adds a node and makes it part of the network.</summary>
    /// <param name="nodeId">Its originator id.</param>
    /// <param name="publicKey">The key that it signs with: 65 bytes, uncompressed.</param>
    /// <param name="url">Where it answers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RegisterNodeAsync(uint nodeId, ReadOnlyMemory<byte> publicKey, Uri url, CancellationToken cancellationToken)
    {
        await AddNodeAsync(nodeId, publicKey, url.ToString().TrimEnd('/'), cancellationToken).ConfigureAwait(false);
        await AddToNetworkAsync(nodeId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a node that is not part of the network yet. The address may be any text that is not empty.</summary>
    public Task<TransactionReceipt> AddNodeAsync(uint nodeId, ReadOnlyMemory<byte> publicKey, string httpAddress, CancellationToken cancellationToken) => SendAsync(
        ChainAddresses.NodeRegistry,
        StandInFunctions.AddNodeWithId,
        new AbiWriter().UInt(nodeId).Address(DevAccounts.Administrator).Bytes(publicKey.Span).String(httpAddress),
        cancellationToken);

    /// <summary>Makes a node part of the network.</summary>
    public Task<TransactionReceipt> AddToNetworkAsync(uint nodeId, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.NodeRegistry, StandInFunctions.AddToNetwork, new AbiWriter().UInt(nodeId), cancellationToken);

    /// <summary>Takes a node out of the network.</summary>
    public Task<TransactionReceipt> RemoveFromNetworkAsync(uint nodeId, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.NodeRegistry, StandInFunctions.RemoveFromNetwork, new AbiWriter().UInt(nodeId), cancellationToken);

    /// <summary>Says that a node answers elsewhere.</summary>
    public Task<TransactionReceipt> SetHttpAddressAsync(uint nodeId, string httpAddress, CancellationToken cancellationToken) =>
        SendAsync(ChainAddresses.NodeRegistry, StandInFunctions.SetHttpAddress, new AbiWriter().UInt(nodeId).String(httpAddress), cancellationToken);
}
