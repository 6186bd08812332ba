using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Wallet;

/// <summary>Makes stablecoins for the wallet on a test network, whose stablecoin everyone may make.</summary>
internal sealed class MintTool(PayerWallet wallet, WalletTransactions transactions, WalletConsole console)
{
    // A local chain, and Base Sepolia.
    private static readonly ulong[] TestChains = [31337, 84532];

    /// <summary>Makes an amount.</summary>
    /// <exception cref="WalletException">It was not made, or whether it was is not known yet.</exception>
    internal async Task RunAsync(Microdollars amount, CancellationToken cancellationToken)
    {
        if (!TestChains.Contains(wallet.ChainId))
        {
            throw new WalletException(
                $"mint: chain {wallet.ChainId} is not a test network; expected {string.Join(" or ", TestChains)}; nothing was sent");
        }

        var feeToken = await wallet.FeeTokenAsync(cancellationToken).ConfigureAwait(false);
        var stablecoin = await wallet.StablecoinAsync(feeToken, cancellationToken).ConfigureAwait(false);
        var data = TokenContract.Mint.Encode(new AbiWriter().Address(wallet.Address).UInt((UInt128)amount.Value));
        var mint = await transactions.PlanAsync("mint", stablecoin.Address, data, cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmAsync(
            [
                ("mint", $"{DollarAmount.Show(amount)} of the test stablecoin {stablecoin.Address}"),
                ("to", wallet.Address.ToString()),
            ],
            [mint],
            cancellationToken).ConfigureAwait(false);
        var receipt = await transactions.SendAsync(mint, cancellationToken).ConfigureAwait(false);
        var has = await stablecoin.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false);
        await console.Output.WriteLineAsync(
            $"""
            minted        {DollarAmount.Show(amount)}
            transaction   {receipt.TransactionHash} in block {receipt.BlockNumber}
            stablecoins   {(has.TryGet(out var balance, out var error) ? DollarAmount.Show(balance) : PayerWallet.Words(error))}
            """).ConfigureAwait(false);
    }
}
