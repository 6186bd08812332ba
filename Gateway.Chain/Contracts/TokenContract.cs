using System.Numerics;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>A token (ERC-20) that a payer deposits: the fee token of the network, or the stablecoin behind it.</summary>
/// <remarks>Both have six decimals, so that an amount is in microdollars. More than 2¹²⁷-1 reads as 2¹²⁷-1.</remarks>
public sealed class TokenContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>balanceOf(address account)</summary>
    public static readonly ContractFunction BalanceOf = new("balanceOf(address)");

    /// <summary>allowance(address owner, address spender)</summary>
    public static readonly ContractFunction Allowance = new("allowance(address,address)");

    /// <summary>approve(address spender, uint256 amount): lets the spender take that much of the sender's tokens.</summary>
    public static readonly ContractFunction Approve = new("approve(address,uint256)");

    /// <summary>underlying(): the stablecoin behind the fee token; no other token has this function.</summary>
    public static readonly ContractFunction Underlying = new("underlying()");

    /// <summary>mint(address to, uint256 amount): everyone may call it on the stablecoins of test networks.</summary>
    public static readonly ContractFunction Mint = new("mint(address,uint256)");

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>The tokens of an account.</summary>
    public Task<RpcResult<Microdollars>> GetBalanceAsync(EthereumAddress account, CancellationToken cancellationToken) =>
        _reader.ReadAsync(BalanceOf, BalanceOf.Encode(new AbiWriter().Address(account)), Amount, cancellationToken);

    /// <summary>How much of the owner's tokens the spender may take.</summary>
    public Task<RpcResult<Microdollars>> GetAllowanceAsync(
        EthereumAddress owner, EthereumAddress spender, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            Allowance, Allowance.Encode(new AbiWriter().Address(owner).Address(spender)), Amount, cancellationToken);

    /// <summary>The address of the stablecoin behind the fee token.</summary>
    public Task<RpcResult<EthereumAddress>> GetUnderlyingAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(Underlying, result => result.Address(), cancellationToken);

    // An approval without a limit is the largest number of 256 bits.
    private static Microdollars Amount(AbiReader result) =>
        new((Int128)BigInteger.Min(result.UInt(256), (BigInteger)Int128.MaxValue));
}
