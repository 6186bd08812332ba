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

    /// <summary>deposit(uint256 amount), of the fee token: makes fee tokens for the sender from its stablecoins, one of each.</summary>
    public static readonly ContractFunction Wrap = new("deposit(uint256)");

    /// <summary>depositWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s), of the fee token</summary>
    public static readonly ContractFunction WrapWithPermit = new("depositWithPermit(uint256,uint256,uint8,bytes32,bytes32)");

    /// <summary>mint(address to, uint256 amount): everyone may call it on the stablecoins of test networks.</summary>
    public static readonly ContractFunction Mint = new("mint(address,uint256)");

    /// <summary>DOMAIN_SEPARATOR(): what a permit is signed under; a token without permits does not have it.</summary>
    public static readonly ContractFunction DomainSeparator = new("DOMAIN_SEPARATOR()");

    /// <summary>nonces(address owner): the number of permits that an owner has used.</summary>
    public static readonly ContractFunction Nonces = new("nonces(address)");

    private static readonly byte[] PermitType =
        Keccak256.Hash("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"u8);

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>What an owner signs to approve a spender without a transaction of its own: a permit (EIP-2612), 32 bytes.</summary>
    /// <param name="domainSeparator">What it is signed under: see <see cref="GetDomainSeparatorAsync"/>.</param>
    /// <param name="owner">Whose tokens.</param>
    /// <param name="spender">Who may take them.</param>
    /// <param name="amount">How many, not negative.</param>
    /// <param name="nonce">The owner's next nonce: see <see cref="GetPermitNonceAsync"/>. It makes the permit usable once.</param>
    /// <param name="deadline">The last moment at which it can be used, as a unix time in seconds.</param>
    public static byte[] PermitDigest(
        Bytes32 domainSeparator,
        EthereumAddress owner,
        EthereumAddress spender,
        Microdollars amount,
        BigInteger nonce,
        ulong deadline)
    {
        var permit = new AbiWriter()
            .FixedBytes(PermitType)
            .Address(owner)
            .Address(spender)
            .UInt((UInt128)amount.Value)
            .Int(nonce)
            .UInt(deadline)
            .ToArray();
        return Keccak256.Hash([0x19, 0x01, .. domainSeparator.ToArray(), .. Keccak256.Hash(permit)]);
    }

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

    /// <summary>What a permit is signed under.</summary>
    public Task<RpcResult<Bytes32>> GetDomainSeparatorAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(DomainSeparator, result => result.Bytes32(), cancellationToken);

    /// <summary>The nonce of the owner's next permit.</summary>
    public Task<RpcResult<BigInteger>> GetPermitNonceAsync(EthereumAddress owner, CancellationToken cancellationToken) =>
        _reader.ReadAsync(Nonces, Nonces.Encode(new AbiWriter().Address(owner)), result => result.UInt(256), cancellationToken);

    // An approval without a limit is the largest number of 256 bits.
    private static Microdollars Amount(AbiReader result) =>
        new((Int128)BigInteger.Min(result.UInt(256), (BigInteger)Int128.MaxValue));
}
