using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;
using Xmtp.Gateway.MultiPayer;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>
/// A user whose wallet has money pays for the own messages. For others the app pays, up to its budgets, or they are refused, as configured.
/// </summary>
public sealed class UsersPay(SigningQueue queue, UserBalances balances, UserFundedOptions options) : IPayerSelector
{
    private const string App = "app";
    private const string WalletClaim = "wallet";

    /// <inheritdoc/>
    public async ValueTask<PayerSelection> SelectAsync(ClientIdentity caller, HttpContext call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        if (UserWallet.TryParse(call.Features.Get<VerifiedToken>()?.Claim(WalletClaim), queue, out var wallet))
        {
            // Where the chain does not answer the wallet pays: nodes refuse it if it is empty.
            var balance = await balances.ReadAsync(wallet.Address, cancellationToken);
            if (balance is not { } known || known >= options.MinBalance) return PayerSelection.Of(App, wallet);
        }

        if (options.AppPaysForOthers) return PayerSelection.Of(App);
        return PayerSelection.Refuse(
            wallet is null ? "you have no wallet for messages" : $"your wallet {wallet.Address} has no money for messages; deposit some");
    }
}
