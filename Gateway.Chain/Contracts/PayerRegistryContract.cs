using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The PayerRegistry on the settlement chain: what payers have, and what is being withdrawn.</summary>
/// <remarks>Its events are read by <see cref="PayerRegistryEvents"/>.</remarks>
public sealed class PayerRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getBalance(address payer)</summary>
    public static readonly ContractFunction GetBalance = new("getBalance(address)");

    /// <summary>getPendingWithdrawal(address payer)</summary>
    public static readonly ContractFunction GetPendingWithdrawal = new("getPendingWithdrawal(address)");

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>Where the contract is.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>What a payer has; below zero when it owes.</summary>
    public Task<RpcResult<Microdollars>> GetBalanceAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            GetBalance,
            GetBalance.Encode(new AbiWriter().Address(payer)),
            result => new Microdollars((Int128)result.Int(104)),
            cancellationToken);

    /// <summary>What a payer is withdrawing.</summary>
    public Task<RpcResult<PendingWithdrawal>> GetPendingWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            GetPendingWithdrawal,
            GetPendingWithdrawal.Encode(new AbiWriter().Address(payer)),
            result => new PendingWithdrawal(PayerRegistryEvents.Amount(result), result.UInt32(), result.UInt32(24)),
            cancellationToken);
}

/// <summary>Money on its way out of the payer registry, which is no longer in the balance.</summary>
/// <param name="Amount">How much; zero when nothing is pending.</param>
/// <param name="WithdrawableAt">From when on it can be taken, unix seconds; 0 when nothing is pending.</param>
/// <param name="Nonce">Which of the payer's withdrawals it is.</param>
public sealed record PendingWithdrawal(Microdollars Amount, uint WithdrawableAt, uint Nonce);
