using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet.Chain;

/// <content>
/// What the real contracts, on a local chain that has them, do otherwise than the stand-ins: their administrator adds
/// nodes, which the registry numbers, and a deposit is taken in stablecoins, which everyone can make there.
/// </content>
public sealed partial class DevChain
{
    private static readonly ContractFunction Admin = new("admin()");
    private static readonly ContractFunction AddNode = new("addNode(address,bytes,string)");
    private static readonly ContractFunction FeeToken = new("feeToken()");
    private static readonly ContractFunction Underlying = new("underlying()");
    private static readonly ContractFunction Mint = new("mint(address,uint256)");
    private static readonly ContractFunction Approve = new("approve(address,uint256)");
    private static readonly ContractFunction Wrap = new("deposit(uint256)");

    /// <summary>Who may add nodes; null when this is the stand-in, which lets everyone.</summary>
    public Task<EthereumAddress?> FindNodeAdministratorAsync(CancellationToken cancellationToken) => FindAddressAsync(ChainAddresses.NodeRegistry, Admin, cancellationToken);

    /// <summary>The token that the real payer registry takes; null when this is the stand-in, which takes nothing.</summary>
    public Task<EthereumAddress?> FindFeeTokenAsync(CancellationToken cancellationToken) => FindAddressAsync(ChainAddresses.PayerRegistry, FeeToken, cancellationToken);

    /// <summary>Makes stablecoins, changes them into the fee token, and puts it into a payer's balance. The contract wants $10 at least.</summary>
    /// <param name="token">What <see cref="FindFeeTokenAsync"/> found.</param>
    /// <param name="payer">Whose balance.</param>
    /// <param name="amount">How much.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task DepositTokensAsync(EthereumAddress token, EthereumAddress payer, Microdollars amount, CancellationToken cancellationToken)
    {
        var stablecoin = await FindAddressAsync(token, Underlying, cancellationToken).ConfigureAwait(false)
            ?? throw new RpcException(RpcError.Malformed(Underlying.Name, $"{token} has no stablecoin behind it"));
        await SendAsync(stablecoin, Mint, new AbiWriter().Address(DevAccounts.Administrator).Int(amount.Value), cancellationToken).ConfigureAwait(false);
        await SendAsync(stablecoin, Approve, new AbiWriter().Address(token).Int(amount.Value), cancellationToken).ConfigureAwait(false);
        await SendAsync(token, Wrap, new AbiWriter().Int(amount.Value), cancellationToken).ConfigureAwait(false);
        await SendAsync(token, Approve, new AbiWriter().Address(ChainAddresses.PayerRegistry).Int(amount.Value), cancellationToken).ConfigureAwait(false);
        await DepositAsync(payer, amount, cancellationToken).ConfigureAwait(false);
    }

    private async Task<EthereumAddress?> FindAddressAsync(EthereumAddress contract, ContractFunction function, CancellationToken cancellationToken)
    {
        var answer = await rpc.CallAsync(new CallRequest(contract, function.Encode()), BlockTag.Latest, cancellationToken).ConfigureAwait(false);
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
