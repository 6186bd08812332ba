using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>Deposits tokens of the wallet to its balance in the payer registry.</summary>
/// <remarks>
/// It takes fee tokens if the wallet has enough of them. Else it first makes them from stablecoins: the registry's own function for
/// stablecoins, <c>depositFromUnderlying</c>, is refused by the fee token on the contracts as deployed, because the registry has
/// approved it for nothing.
/// </remarks>
internal sealed class DepositTool(PayerWallet wallet, WalletTransactions transactions, WalletConsole console)
{
    /// <summary>Deposits an amount.</summary>
    /// <exception cref="WalletException">It was not deposited, or whether it was is not known yet.</exception>
    internal async Task RunAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        await RefusePausedAsync(cancellationToken).ConfigureAwait(false);
        await RefuseTooLittleAsync(amount, cancellationToken).ConfigureAwait(false);
        var feeToken = await wallet.FeeTokenAsync(cancellationToken).ConfigureAwait(false);
        var stablecoin = await FindStablecoinAsync(feeToken, amount, cancellationToken).ConfigureAwait(false);
        var wrap = stablecoin is null
            ? null
            : await PrepareAsync(Wrap(feeToken, stablecoin, amount), true, cancellationToken).ConfigureAwait(false);
        var deposit = await PrepareAsync(Deposit(feeToken, amount), wrap is null, cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("deposit", DollarAmount.Show(amount)),
                ("from", stablecoin is null
                    ? $"{wallet.Address}, its fee tokens {feeToken.Address}"
                    : $"{wallet.Address}, its stablecoins {stablecoin.Address}, as fee tokens {feeToken.Address}"),
                ("to", $"its balance in the payer registry {wallet.Registry.Address}"),
            ],
            [.. wrap?.Plan ?? [], .. deposit.Plan],
            cancellationToken).ConfigureAwait(false);
        if (wrap is not null) await wrap.SendAsync(cancellationToken).ConfigureAwait(false);
        var receipt = await SendAsync(deposit, amount, wrap is not null, cancellationToken).ConfigureAwait(false);
        await console.Output.WriteLineAsync(
            $"""
            deposited     {DollarAmount.Show(amount)}
            transaction   {receipt.TransactionHash} in block {receipt.BlockNumber}
            balance       {await wallet.ShowBalanceAsync(cancellationToken).ConfigureAwait(false)}
            """).ConfigureAwait(false);
    }

    // Else fee tokens would be made, or an approval sent, for nothing.
    private async Task RefusePausedAsync(CancellationToken cancellationToken)
    {
        var paused = await wallet.Registry.GetPausedAsync(cancellationToken).ConfigureAwait(false);
        if (paused is { IsOk: true, Value: true })
            throw new WalletException("the payer registry is paused, and takes no deposits now; nothing was sent");
    }

    // A registry whose minimum cannot be read refuses by itself.
    private async Task RefuseTooLittleAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        var least = await wallet.Registry.GetMinimumDepositAsync(cancellationToken).ConfigureAwait(false);
        if (!least.IsOk || amount >= least.Value) return;
        throw new WalletException(
            $"the payer registry takes {DollarAmount.Show(least.Value)} at least, and {DollarAmount.Show(amount)} is less; " +
            "nothing was sent");
    }

    // Null when the wallet's fee tokens are enough.
    private async Task<TokenContract?> FindStablecoinAsync(
        TokenContract feeToken, Microdollars amount, CancellationToken cancellationToken)
    {
        var feeTokens = PayerWallet.Must(
            "the wallet's fee tokens", await feeToken.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        if (feeTokens >= amount) return null;
        var stablecoin = await wallet.StablecoinAsync(feeToken, cancellationToken).ConfigureAwait(false);
        var stablecoins = PayerWallet.Must(
            "the wallet's stablecoins", await stablecoin.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        if (stablecoins >= amount) return stablecoin;
        throw new WalletException(
            $"{wallet.Address} has {DollarAmount.Show(stablecoins)} of the stablecoin {stablecoin.Address} and " +
            $"{DollarAmount.Show(feeTokens)} of the fee token {feeToken.Address}, each less than {DollarAmount.Show(amount)}; " +
            "nothing was sent");
    }

    private Task<ApprovedCall> PrepareAsync(TokenCall call, bool isFirst, CancellationToken cancellationToken) =>
        ApprovedCall.PrepareAsync(wallet, transactions, call, isFirst, cancellationToken);

    private static TokenCall Wrap(TokenContract feeToken, TokenContract stablecoin, Microdollars amount) => new(
        "wrap",
        feeToken.Address,
        "fee token",
        stablecoin,
        TokenContract.Wrap,
        TokenContract.WrapWithPermit,
        () => new AbiWriter().UInt((UInt128)amount.Value),
        amount);

    private TokenCall Deposit(TokenContract feeToken, Microdollars amount) => new(
        "deposit",
        wallet.Registry.Address,
        "payer registry",
        feeToken,
        PayerRegistryContract.Deposit,
        PayerRegistryContract.DepositWithPermit,
        () => new AbiWriter().Address(wallet.Address).UInt((UInt128)amount.Value),
        amount);

    private static async Task<TransactionReceipt> SendAsync(
        ApprovedCall deposit, Microdollars amount, bool isWrapped, CancellationToken cancellationToken)
    {
        try
        {
            return await deposit.SendAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (WalletException exception) when (isWrapped)
        {
            throw new WalletException(
                $"{exception.Message}. {DollarAmount.Show(amount)} of the wallet are fee tokens now; the same deposit uses them",
                exception.ExitCode);
        }
    }
}
