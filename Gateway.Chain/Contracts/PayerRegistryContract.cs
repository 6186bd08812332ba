using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The PayerRegistry on the settlement chain: payers' balances and pending withdrawals.</summary>
/// <remarks>Its events are read by <see cref="PayerRegistryEvents"/>.</remarks>
public sealed class PayerRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getBalance(address payer)</summary>
    public static readonly ContractFunction GetBalance = new("getBalance(address)");

    /// <summary>getPendingWithdrawal(address payer)</summary>
    public static readonly ContractFunction GetPendingWithdrawal = new("getPendingWithdrawal(address)");

    private readonly ContractReader _reader = new(rpc, address);

    /// <summary>The address of the contract.</summary>
    public EthereumAddress Address => _reader.Address;

    /// <summary>A payer's balance; below zero when the payer is in debt.</summary>
    public Task<RpcResult<Microdollars>> GetBalanceAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            GetBalance,
            GetBalance.Encode(new AbiWriter().Address(payer)),
            result => new Microdollars((Int128)result.Int(104)),
            cancellationToken);

    /// <summary>A payer's pending withdrawal.</summary>
    public Task<RpcResult<PendingWithdrawal>> GetPendingWithdrawalAsync(EthereumAddress payer, CancellationToken cancellationToken) =>
        _reader.ReadAsync(
            GetPendingWithdrawal,
            GetPendingWithdrawal.Encode(new AbiWriter().Address(payer)),
            result => new PendingWithdrawal(PayerRegistryEvents.Amount(result), result.UInt32(), result.UInt32(24)),
            cancellationToken);
}

/// <summary>A pending withdrawal from the payer registry; its amount is no longer in the balance.</summary>
/// <param name="Amount">The amount; zero when nothing is pending.</param>
/// <param name="WithdrawableAt">When it can be finalized, in Unix seconds; 0 when nothing is pending.</param>
/// <param name="Nonce">Which of the payer's withdrawals it is.</param>
public sealed record PendingWithdrawal(Microdollars Amount, uint WithdrawableAt, uint Nonce);
