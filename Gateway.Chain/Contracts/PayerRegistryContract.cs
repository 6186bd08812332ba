using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Contracts;

/// <summary>The PayerRegistry on the settlement chain: payers' balances, deposits and withdrawals.</summary>
/// <remarks>
/// Its events are read by <see cref="PayerRegistryEvents"/>. A deposit takes tokens that its sender has approved: see
/// <see cref="TokenContract"/>.
/// </remarks>
public sealed class PayerRegistryContract(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>getBalance(address payer)</summary>
    public static readonly ContractFunction GetBalance = new("getBalance(address)");

    /// <summary>getPendingWithdrawal(address payer)</summary>
    public static readonly ContractFunction GetPendingWithdrawal = new("getPendingWithdrawal(address)");

    /// <summary>minimumDeposit(): in microdollars.</summary>
    public static readonly ContractFunction MinimumDeposit = new("minimumDeposit()");

    /// <summary>withdrawLockPeriod(): in seconds.</summary>
    public static readonly ContractFunction WithdrawLockPeriod = new("withdrawLockPeriod()");

    /// <summary>paused(): while it is, the contract takes and pays nothing.</summary>
    public static readonly ContractFunction Paused = new("paused()");

    /// <summary>feeToken(): the token in which balances are kept.</summary>
    public static readonly ContractFunction FeeToken = new("feeToken()");

    /// <summary>deposit(address payer, uint96 amount): takes fee tokens of the sender.</summary>
    public static readonly ContractFunction Deposit = new("deposit(address,uint96)");

    /// <summary>
    /// depositFromUnderlying(address payer, uint96 amount): takes stablecoins of the sender. The registry as deployed (1.0.0) has not
    /// approved the fee token for them, so that it refuses every one with TransferFromFailed: see <see cref="TokenContract.Wrap"/>.
    /// </summary>
    public static readonly ContractFunction DepositFromUnderlying = new("depositFromUnderlying(address,uint96)");

    /// <summary>depositWithPermit(address payer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)</summary>
    public static readonly ContractFunction DepositWithPermit =
        new("depositWithPermit(address,uint96,uint256,uint8,bytes32,bytes32)");

    /// <summary>
    /// depositFromUnderlyingWithPermit(address payer, uint96 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s): refused as
    /// <see cref="DepositFromUnderlying"/> is.
    /// </summary>
    public static readonly ContractFunction DepositFromUnderlyingWithPermit =
        new("depositFromUnderlyingWithPermit(address,uint96,uint256,uint8,bytes32,bytes32)");

    /// <summary>requestWithdrawal(uint96 amount): takes the amount out of the sender's balance, and locks it.</summary>
    public static readonly ContractFunction RequestWithdrawal = new("requestWithdrawal(uint96)");

    /// <summary>cancelWithdrawal(): returns the sender's pending withdrawal to its balance.</summary>
    public static readonly ContractFunction CancelWithdrawal = new("cancelWithdrawal()");

    /// <summary>
    /// finalizeWithdrawalIntoUnderlying(address recipient): pays the sender's pending withdrawal out in stablecoins.
    /// </summary>
    public static readonly ContractFunction FinalizeWithdrawalIntoUnderlying = new("finalizeWithdrawalIntoUnderlying(address)");

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

    /// <summary>The smallest deposit that the contract accepts.</summary>
    public Task<RpcResult<Microdollars>> GetMinimumDepositAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(MinimumDeposit, PayerRegistryEvents.Amount, cancellationToken);

    /// <summary>How long a withdrawal is locked after its request; whole seconds.</summary>
    public Task<RpcResult<TimeSpan>> GetWithdrawLockPeriodAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(WithdrawLockPeriod, result => TimeSpan.FromSeconds(result.UInt32()), cancellationToken);

    /// <summary>Whether the contract takes and pays nothing now.</summary>
    public Task<RpcResult<bool>> GetPausedAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(Paused, result => result.Bool(), cancellationToken);

    /// <summary>The address of the token in which balances are kept.</summary>
    public Task<RpcResult<EthereumAddress>> GetFeeTokenAsync(CancellationToken cancellationToken) =>
        _reader.ReadAsync(FeeToken, result => result.Address(), cancellationToken);
}

/// <summary>A pending withdrawal from the payer registry; its amount is no longer in the balance.</summary>
/// <param name="Amount">The amount; zero when nothing is pending.</param>
/// <param name="WithdrawableAt">When it can be finalized, in Unix seconds; 0 when nothing is pending.</param>
/// <param name="Nonce">Which of the payer's withdrawals it is.</param>
public sealed record PendingWithdrawal(Microdollars Amount, uint WithdrawableAt, uint Nonce);
