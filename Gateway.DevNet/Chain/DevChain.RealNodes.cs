using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <content>Nodes in the real registry, on a local chain that has it: its administrator adds them, and it numbers them.</content>
public sealed partial class DevChain
{
    private static readonly ContractFunction Admin = new("admin()");
    private static readonly ContractFunction AddNode = new("addNode(address,bytes,string)");

    /// <summary>Who may add nodes; null when this is the stand-in, which lets everyone.</summary>
    public async Task<EthereumAddress?> FindNodeAdministratorAsync(CancellationToken cancellationToken)
    {
        var answer = await rpc.CallAsync(new CallRequest(ChainAddresses.NodeRegistry, Admin.Encode()), BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return answer.TryGet(out var word, out _) && word.Length == 32 ? new AbiReader(word).Address() : null;
    }

    /// <summary>Adds a node as the administrator, and makes it part of the network. The chain must let us act for that account, as Anvil does.</summary>
    /// <param name="administrator">What <see cref="FindNodeAdministratorAsync"/> found.</param>
    /// <param name="nodeId">The id that the registry gives it: the next multiple of 100.</param>
    /// <param name="publicKey">The key that it signs with: 65 bytes, uncompressed.</param>
    /// <param name="httpAddress">Where it answers.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RegisterRealNodeAsync(EthereumAddress administrator, uint nodeId, ReadOnlyMemory<byte> publicKey, string httpAddress, CancellationToken cancellationToken)
    {
        await TellAsync("anvil_impersonateAccount", [administrator], cancellationToken).ConfigureAwait(false);
        var add = AddNode.Encode(new AbiWriter().Address(DevAccounts.Administrator).Bytes(publicKey.Span).String(httpAddress));
        await SendAsync(administrator, ChainAddresses.NodeRegistry, add, cancellationToken).ConfigureAwait(false);
        var join = StandInFunctions.AddToNetwork.Encode(new AbiWriter().UInt(nodeId));
        await SendAsync(administrator, ChainAddresses.NodeRegistry, join, cancellationToken).ConfigureAwait(false);
    }
}
