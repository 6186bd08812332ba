using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>Deposits tokens of the wallet to its balance in the payer registry.</summary>
/// <remarks>
/// It takes stablecoins if the wallet has enough of them, else fee tokens. The registry takes only tokens that it is approved
/// for. Unless there is an approval already, one of exactly the amount is signed in the deposit, or sent first where the token
/// takes no permits.
/// </remarks>
internal sealed class DepositTool(PayerWallet wallet, WalletTransactions transactions, WalletConsole console)
{
    // Taking stablecoins, making fee tokens of them, and two balances. It cannot be estimated before the approval is mined, nor
    // before the permit is signed, which waits for the yes.
    private const ulong AssumedGas = 300_000;
    private const ulong AssumedPermitGas = 100_000;

    private static readonly TimeSpan ApprovalSeenWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(500);

    /// <summary>Deposits an amount.</summary>
    /// <exception cref="WalletException">It was not deposited, or whether it was is not known yet.</exception>
    internal async Task RunAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        await RefusePausedAsync(cancellationToken).ConfigureAwait(false);
        await RefuseTooLittleAsync(amount, cancellationToken).ConfigureAwait(false);
        var (token, isStablecoin) = await SourceAsync(amount, cancellationToken).ConfigureAwait(false);
        var function = isStablecoin ? PayerRegistryContract.DepositFromUnderlying : PayerRegistryContract.Deposit;
        var data = function.Encode(new AbiWriter().Address(wallet.Address).UInt((UInt128)amount.Value));
        var isApproved = await AllowanceAsync(token, cancellationToken).ConfigureAwait(false) >= amount;
        var permit = isApproved ? null : await DepositPermit.FindAsync(wallet, token, cancellationToken).ConfigureAwait(false);
        var deposit = isApproved
            ? await PlanAsync(data, cancellationToken).ConfigureAwait(false)
            : new PlannedTransaction(
                "deposit", wallet.Registry.Address, data, AssumedGas + (permit is null ? 0 : AssumedPermitGas), IsAssumed: true);
        var approval = isApproved || permit is not null
            ? null
            : await PlanApprovalAsync(token, amount, cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("deposit", DollarAmount.Show(amount)),
                ("from", $"{wallet.Address}, its {(isStablecoin ? "stablecoins" : "fee tokens")} {token.Address}"),
                ("to", $"its balance in the payer registry {wallet.Registry.Address}"),
            ],
            approval is null ? [deposit] : [approval, deposit],
            cancellationToken).ConfigureAwait(false);
        if (permit is not null)
        {
            var permitted = isStablecoin ? PayerRegistryContract.DepositFromUnderlyingWithPermit : PayerRegistryContract.DepositWithPermit;
            data = await permit.EncodeAsync(permitted, amount, cancellationToken).ConfigureAwait(false);
            deposit = await PlanAsync(data, cancellationToken).ConfigureAwait(false);
        }
        else if (approval is not null)
        {
            await transactions.SendAsync(approval, cancellationToken).ConfigureAwait(false);
            deposit = await PlanApprovedAsync(amount, data, cancellationToken).ConfigureAwait(false);
        }

        var receipt = await SendDepositAsync(deposit, amount, approval is not null, cancellationToken).ConfigureAwait(false);
        await console.Output.WriteLineAsync(
            $"""
            deposited     {DollarAmount.Show(amount)}
            transaction   {receipt.TransactionHash} in block {receipt.BlockNumber}
            balance       {await wallet.ShowBalanceAsync(cancellationToken).ConfigureAwait(false)}
            """).ConfigureAwait(false);
    }

    // Else an approval would be sent first, for nothing.
    private async Task RefusePausedAsync(CancellationToken cancellationToken)
    {
        var paused = await wallet.Registry.GetPausedAsync(cancellationToken).ConfigureAwait(false);
        if (paused is { IsOk: true, Value: true })
            throw new WalletException("the payer registry is paused, and takes no deposits now; nothing was sent");
    }

    // A registry whose minimum cannot be read refuses by itself, in the estimate.
    private async Task RefuseTooLittleAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        var least = await wallet.Registry.GetMinimumDepositAsync(cancellationToken).ConfigureAwait(false);
        if (!least.IsOk || amount >= least.Value) return;
        throw new WalletException(
            $"the payer registry takes {DollarAmount.Show(least.Value)} at least, and {DollarAmount.Show(amount)} is less; " +
            "nothing was sent");
    }

    private async Task<(TokenContract Token, bool IsStablecoin)> SourceAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        var feeToken = await wallet.FeeTokenAsync(cancellationToken).ConfigureAwait(false);
        var stablecoin = await wallet.StablecoinAsync(feeToken, cancellationToken).ConfigureAwait(false);
        var stablecoins = PayerWallet.Must(
            "the wallet's stablecoins", await stablecoin.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        if (stablecoins >= amount) return (stablecoin, true);
        var feeTokens = PayerWallet.Must(
            "the wallet's fee tokens", await feeToken.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        if (feeTokens >= amount) return (feeToken, false);
        throw new WalletException(
            $"{wallet.Address} has {DollarAmount.Show(stablecoins)} of the stablecoin {stablecoin.Address} and " +
            $"{DollarAmount.Show(feeTokens)} of the fee token {feeToken.Address}, each less than {DollarAmount.Show(amount)}; " +
            "nothing was sent");
    }

    private async Task<Microdollars> AllowanceAsync(TokenContract token, CancellationToken cancellationToken) => PayerWallet.Must(
        "what the payer registry is approved for",
        await token.GetAllowanceAsync(wallet.Address, wallet.Registry.Address, cancellationToken).ConfigureAwait(false));

    private Task<PlannedTransaction> PlanApprovalAsync(TokenContract token, Microdollars amount, CancellationToken cancellationToken) =>
        transactions.PlanAsync(
            "approve",
            token.Address,
            TokenContract.Approve.Encode(new AbiWriter().Address(wallet.Registry.Address).UInt((UInt128)amount.Value)),
            cancellationToken);

    private Task<PlannedTransaction> PlanAsync(byte[] data, CancellationToken cancellationToken) =>
        transactions.PlanAsync("deposit", wallet.Registry.Address, data, cancellationToken);

    // An endpoint of several servers may know the approval later than it shows its receipt.
    private async Task<PlannedTransaction> PlanApprovedAsync(Microdollars amount, byte[] data, CancellationToken cancellationToken)
    {
        var since = wallet.Time.GetTimestamp();
        while (true)
        {
            try
            {
                return await PlanAsync(data, cancellationToken).ConfigureAwait(false);
            }
            catch (WalletException fault)
            {
                if (wallet.Time.GetElapsedTime(since) >= ApprovalSeenWithin) throw new WalletException(WithApproval(fault, amount));
            }

            await Task.Delay(Poll, wallet.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<TransactionReceipt> SendDepositAsync(
        PlannedTransaction deposit, Microdollars amount, bool isApproved, CancellationToken cancellationToken)
    {
        try
        {
            return await transactions.SendAsync(deposit, cancellationToken).ConfigureAwait(false);
        }
        catch (WalletException fault) when (isApproved)
        {
            throw new WalletException(WithApproval(fault, amount), fault.ExitCode);
        }
    }

    private string WithApproval(WalletException fault, Microdollars amount) =>
        $"{fault.Message}. The approval of {DollarAmount.Show(amount)} for the payer registry {wallet.Registry.Address} stays; the same " +
        "deposit uses it";
}
