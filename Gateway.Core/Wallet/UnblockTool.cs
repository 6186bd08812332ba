using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Wallet;

/// <summary>
/// Cancels the oldest transaction of the wallet that waits for a block, by one of nothing to the wallet itself at the same nonce.
/// </summary>
internal sealed class UnblockTool(PayerWallet wallet, WalletTransactions transactions, WalletConsole console)
{
    /// <summary>Cancels it.</summary>
    /// <exception cref="WalletException">
    /// Nothing waits, the replacement was refused, the other transaction was mined first, or the outcome is not known yet.
    /// </exception>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var nonce = await CountAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        var all = await CountAsync(BlockTag.Pending, cancellationToken).ConfigureAwait(false);
        if (all <= nonce)
        {
            throw new WalletException(
                $"no transaction of {wallet.Address} waits for a block on chain {wallet.ChainId}, as far as the endpoint knows; " +
                "nothing was sent");
        }

        var nothing = await transactions.PlanAsync("unblock", wallet.Address, [], cancellationToken).ConfigureAwait(false);
        await transactions.ConfirmReplacementAsync(
            [
                ("cancel", $"the transaction at nonce {nonce}, the oldest of {all - nonce} that wait for a block"),
                ("by", "a transaction of nothing to the wallet itself, at twice the price of the moment"),
            ],
            nothing,
            cancellationToken).ConfigureAwait(false);
        var receipt = await transactions.ReplaceAsync(nothing, nonce, cancellationToken).ConfigureAwait(false);
        await console.Output.WriteLineAsync($"cancelled     the transaction at nonce {nonce}").ConfigureAwait(false);
        await console.Output.WriteLineAsync(
            $"transaction   {receipt.TransactionHash} in block {receipt.BlockNumber}").ConfigureAwait(false);
    }

    private async Task<ulong> CountAsync(BlockTag block, CancellationToken cancellationToken) => PayerWallet.Must(
        "the wallet's transaction count",
        await wallet.Rpc.GetTransactionCountAsync(wallet.Address, block, cancellationToken).ConfigureAwait(false));
}
