using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>
/// A <see cref="TokenCall"/> with its approval: one that is there already, else a permit in the call, else a transaction of exactly
/// the amount before it.
/// </summary>
internal sealed class ApprovedCall
{
    // Taking tokens through proxies and keeping balances: 151,000 with a permit on the contracts as deployed, the first time.
    // It cannot be estimated before what it needs is mined, nor before the permit is signed, which waits for the yes.
    private const ulong AssumedGas = 200_000;
    private const ulong AssumedPermitGas = 100_000;

    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    private readonly PayerWallet _wallet;
    private readonly WalletTransactions _transactions;
    private readonly TokenCall _call;
    private readonly bool _isFirst;
    private readonly DepositPermit? _permit;
    private readonly PlannedTransaction? _approval;
    private readonly PlannedTransaction _planned;

    private ApprovedCall(
        PayerWallet wallet,
        WalletTransactions transactions,
        TokenCall call,
        bool isFirst,
        DepositPermit? permit,
        PlannedTransaction? approval,
        PlannedTransaction planned)
    {
        _wallet = wallet;
        _transactions = transactions;
        _call = call;
        _isFirst = isFirst;
        _permit = permit;
        _approval = approval;
        _planned = planned;
    }

    /// <summary>The transactions that it sends.</summary>
    internal IReadOnlyList<PlannedTransaction> Plan => _approval is null ? [_planned] : [_approval, _planned];

    /// <summary>Finds out how the call is approved. Nothing is signed.</summary>
    /// <param name="wallet">The wallet.</param>
    /// <param name="transactions">Its transactions.</param>
    /// <param name="call">The call.</param>
    /// <param name="isFirst">Whether the wallet has the tokens already, so that the call can be estimated.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    /// <exception cref="WalletException">The contract would refuse it, or the chain does not answer.</exception>
    internal static async Task<ApprovedCall> PrepareAsync(
        PayerWallet wallet, WalletTransactions transactions, TokenCall call, bool isFirst, CancellationToken cancellationToken)
    {
        var allowed = PayerWallet.Must(
            $"what the {call.ContractName} is approved for",
            await call.Token.GetAllowanceAsync(wallet.Address, call.Contract, cancellationToken).ConfigureAwait(false));
        var data = call.Function.Encode(call.Arguments());
        if (allowed >= call.Amount)
        {
            var planned = isFirst
                ? await transactions.PlanAsync(call.Name, call.Contract, data, cancellationToken).ConfigureAwait(false)
                : Assumed(call, data, AssumedGas);
            return new ApprovedCall(wallet, transactions, call, isFirst, null, null, planned);
        }

        if (await DepositPermit.FindAsync(wallet, call.Token, cancellationToken).ConfigureAwait(false) is { } permit)
        {
            return new ApprovedCall(
                wallet, transactions, call, isFirst, permit, null, Assumed(call, data, AssumedGas + AssumedPermitGas));
        }

        var approval = await transactions.PlanAsync(
            "approve",
            call.Token.Address,
            TokenContract.Approve.Encode(new AbiWriter().Address(call.Contract).UInt((UInt128)call.Amount.Value)),
            cancellationToken).ConfigureAwait(false);
        return new ApprovedCall(wallet, transactions, call, isFirst, null, approval, Assumed(call, data, AssumedGas));
    }

    /// <summary>Sends what was planned and confirmed.</summary>
    /// <returns>The receipt of the call.</returns>
    /// <exception cref="WalletException">It was refused, or its outcome is not known yet.</exception>
    internal async Task<TransactionReceipt> SendAsync(CancellationToken cancellationToken)
    {
        if (_approval is not null) await _transactions.SendAsync(_approval, cancellationToken).ConfigureAwait(false);
        try
        {
            return await _transactions.SendAsync(
                await EstimatedAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (WalletException exception) when (_approval is not null)
        {
            throw new WalletException(
                $"{exception.Message}. The approval of {DollarAmount.Show(_call.Amount)} for the {_call.ContractName} {_call.Contract} " +
                "stays; the same deposit uses it",
                exception.ExitCode);
        }
    }

    private static PlannedTransaction Assumed(TokenCall call, byte[] data, ulong gas) =>
        new(call.Name, call.Contract, data, gas, IsAssumed: true);

    // An endpoint of several servers may know what was mined later than it shows the receipt.
    private async Task<PlannedTransaction> EstimatedAsync(CancellationToken cancellationToken)
    {
        if (!_planned.IsAssumed) return _planned;
        var data = _permit is null
            ? _planned.Data
            : await _permit.EncodeAsync(
                _call.WithPermit, _call.Arguments(), _call.Contract, _call.Amount, cancellationToken).ConfigureAwait(false);
        var since = _wallet.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await _transactions.PlanAsync(_call.Name, _call.Contract, data, cancellationToken).ConfigureAwait(false);
            }
            catch (WalletException)
            {
                var needsNothing = _isFirst && _approval is null;
                if (needsNothing || _wallet.Time.GetElapsedTime(since) >= SeenWithin) throw;
            }

            await Task.Delay(Poll, _wallet.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
