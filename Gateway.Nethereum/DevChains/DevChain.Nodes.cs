using Nethereum.Contracts;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Nethereum.DevChains;

/// <content>The network's nodes.</content>
public sealed partial class DevChain
{
    /// <summary>The administrator who may add nodes; null when the registry names none.</summary>
    public Task<EthereumAddress?> FindNodeAdministratorAsync(CancellationToken cancellationToken) =>
        FindAddressAsync(ChainAddresses.NodeRegistry, new Admin(), cancellationToken);

    /// <summary>
    /// Adds a node under the next id and makes it canonical: as the administrator, whom a chain with the real contracts must
    /// allow to be impersonated.
    /// </summary>
    /// <param name="publicKey">Its signing key: 65 bytes, uncompressed.</param>
    /// <param name="httpAddress">Its address.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Its id: the registry assigns multiples of 100, in order.</returns>
    public async Task<uint> RegisterNextNodeAsync(ReadOnlyMemory<byte> publicKey, string httpAddress, CancellationToken cancellationToken)
    {
        await SendAsNodeAdministratorAsync(
            new AddNode { SigningPublicKey = publicKey.ToArray(), HttpAddress = httpAddress }, cancellationToken).ConfigureAwait(false);
        var all = (await new NodeRegistryContract(
            rpc, ChainAddresses.NodeRegistry).GetAllNodesAsync(cancellationToken).ConfigureAwait(false)).OrThrow();
        var id = (uint)all.Count * 100;
        await AddToNetworkAsync(id, cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>Adds a node to a stand-in and makes it canonical.</summary>
    /// <param name="nodeId">Its originator id.</param>
    /// <param name="publicKey">Its signing key: 65 bytes, uncompressed.</param>
    /// <param name="url">Its address.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task RegisterNodeAsync(uint nodeId, ReadOnlyMemory<byte> publicKey, Uri url, CancellationToken cancellationToken)
    {
        await AddNodeAsync(nodeId, publicKey, url.ToString().TrimEnd('/'), cancellationToken).ConfigureAwait(false);
        await AddToNetworkAsync(nodeId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds a node to a stand-in that is not canonical yet. The address may be any non-empty text.</summary>
    public Task<TransactionReceipt> AddNodeAsync(
        uint nodeId, ReadOnlyMemory<byte> publicKey, string httpAddress, CancellationToken cancellationToken) =>
        SendAsync(
            ChainAddresses.NodeRegistry,
            new AddNodeWithId { NodeId = nodeId, SigningPublicKey = publicKey.ToArray(), HttpAddress = httpAddress },
            cancellationToken);

    /// <summary>Makes a node canonical, as the administrator.</summary>
    public Task<TransactionReceipt> AddToNetworkAsync(uint nodeId, CancellationToken cancellationToken) =>
        SendAsNodeAdministratorAsync(new AddToNetwork { NodeId = nodeId }, cancellationToken);

    /// <summary>Removes a node from the canonical network, as the administrator.</summary>
    public Task<TransactionReceipt> RemoveFromNetworkAsync(uint nodeId, CancellationToken cancellationToken) =>
        SendAsNodeAdministratorAsync(new RemoveFromNetwork { NodeId = nodeId }, cancellationToken);

    /// <summary>Changes the address of a node, as its owner.</summary>
    public async Task<TransactionReceipt> SetHttpAddressAsync(uint nodeId, string httpAddress, CancellationToken cancellationToken)
    {
        var owner = await FindAddressAsync(
            ChainAddresses.NodeRegistry, new OwnerOf { NodeId = nodeId }, cancellationToken).ConfigureAwait(false);
        return await SendToNodesAsync(
            new SetHttpAddress { NodeId = nodeId, HttpAddress = httpAddress }, owner, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TransactionReceipt> SendAsNodeAdministratorAsync<TMessage>(TMessage message, CancellationToken cancellationToken)
        where TMessage : FunctionMessage
    {
        var administrator = await IsStandInAsync(ChainAddresses.NodeRegistry, cancellationToken).ConfigureAwait(false)
            ? DevAccounts.Administrator
            : await FindNodeAdministratorAsync(cancellationToken).ConfigureAwait(false);
        return await SendToNodesAsync(message, administrator, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TransactionReceipt> SendToNodesAsync<TMessage>(
        TMessage message, EthereumAddress? from, CancellationToken cancellationToken)
        where TMessage : FunctionMessage
    {
        if (from is not null && from != DevAccounts.Administrator)
            await TellAsync("anvil_impersonateAccount", [from], cancellationToken).ConfigureAwait(false);
        return await SendAsync(ChainAddresses.NodeRegistry, message, cancellationToken, from).ConfigureAwait(false);
    }
}
