using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Wallet;

/// <summary>The payer's wallet: its signer, and the settlement chain with the payer registry. The chain's id was checked.</summary>
internal sealed class PayerWallet
{
    private PayerWallet(ISigner signer, CostChainClients chains, ulong chainId, TimeProvider time)
    {
        Signer = signer;
        Chains = chains;
        ChainId = chainId;
        Time = time;
    }

    /// <summary>Signs for the wallet.</summary>
    internal ISigner Signer { get; }

    /// <summary>The wallet.</summary>
    internal EthereumAddress Address => Signer.Address;

    /// <summary>Both chains.</summary>
    internal CostChainClients Chains { get; }

    /// <summary>The settlement chain's id.</summary>
    internal ulong ChainId { get; }

    /// <summary>The clock.</summary>
    internal TimeProvider Time { get; }

    /// <summary>The settlement chain.</summary>
    internal EthereumRpc Rpc => Chains.Settlement;

    /// <summary>The payer registry.</summary>
    internal PayerRegistryContract Registry => Chains.PayerRegistry;

    /// <summary>Reads the key and checks that the settlement chain is the configured one.</summary>
    /// <exception cref="WalletException">The chain does not answer, is another one, or has no payer registry.</exception>
    /// <exception cref="Xmtp.Gateway.Hosting.GatewayStartException">There is no usable key.</exception>
    internal static async Task<PayerWallet> OpenAsync(
        IServiceProvider services, WalletConsole console, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<PayerAddresses>().AreOfFile)
        {
            throw new WalletException(
                "the payers file names several payers; expected in its place the key of the one that is meant, such as " +
                "--payer.private-key-file",
                WalletExit.Misused);
        }

        var signer = services.GetRequiredService<ISigner>();
        var source = services.GetRequiredService<PayerKeySource>();
        if (source.IsRead)
        {
            foreach (var warning in source.Key.Warnings) await console.TellAsync(warning).ConfigureAwait(false);
        }

        var chains = services.GetRequiredService<CostChainClients>();
        if (!chains.HasPayers)
        {
            throw new WalletException(
                "--contracts.settlement-chain.payer-registry-address: required, unless --contracts.environment names a deployment",
                WalletExit.Misused);
        }

        var expected = services.GetRequiredService<IOptions<ContractsOptions>>().Value.SettlementChain.ChainId;
        var id = Must("the settlement chain's id", await chains.Settlement.GetChainIdAsync(cancellationToken).ConfigureAwait(false));
        if (id != expected)
        {
            throw new WalletException(
                $"the settlement chain at {chains.Settlement.Transport.Endpoint} has chain id {id}; expected {expected}; nothing was sent");
        }

        return new PayerWallet(signer, chains, id, services.GetRequiredService<TimeProvider>());
    }

    /// <summary>The balance in the payer registry.</summary>
    internal async Task<Microdollars> ReadBalanceAsync(CancellationToken cancellationToken) => Must(
        "the balance in the payer registry",
        await Registry.GetBalanceAsync(Address, cancellationToken).ConfigureAwait(false));

    /// <summary>The pending withdrawal.</summary>
    internal async Task<PendingWithdrawal> ReadPendingAsync(CancellationToken cancellationToken) => Must(
        "the pending withdrawal",
        await Registry.GetPendingWithdrawalAsync(Address, cancellationToken).ConfigureAwait(false));

    /// <summary>The fee token that the registry names.</summary>
    internal async Task<TokenContract> FeeTokenAsync(CancellationToken cancellationToken) => new(
        Rpc, Must("the registry's fee token", await Registry.GetFeeTokenAsync(cancellationToken).ConfigureAwait(false)));

    /// <summary>The stablecoin behind a fee token.</summary>
    internal async Task<TokenContract> StablecoinAsync(TokenContract feeToken, CancellationToken cancellationToken) => new(
        Rpc, Must("the stablecoin of the fee token", await feeToken.GetUnderlyingAsync(cancellationToken).ConfigureAwait(false)));

    /// <summary>How long a pending withdrawal is still locked; zero or less when it can be finalized.</summary>
    /// <remarks>By the newest block's time, or by the clock if that is later: a quiet chain's newest block may be old.</remarks>
    internal async Task<TimeSpan> LockLeftAsync(PendingWithdrawal pending, CancellationToken cancellationToken)
    {
        var block = Must("the newest block", await Rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var now = Time.GetUtcNow().ToUnixTimeSeconds();
        if (block?.KnownTimestamp is { } seconds) now = Math.Max(now, (long)seconds);
        return TimeSpan.FromSeconds(pending.WithdrawableAt - now);
    }

    /// <summary>The balance in the payer registry, as text, after something was done: an error is shown, and is none of that.</summary>
    internal async Task<string> ShowBalanceAsync(CancellationToken cancellationToken)
    {
        var read = await Registry.GetBalanceAsync(Address, cancellationToken).ConfigureAwait(false);
        return read.TryGet(out var balance, out var error) ? DollarAmount.Show(balance) : $"cannot be read now: {Words(error)}";
    }

    /// <summary>The value of a call without which a command cannot go on.</summary>
    /// <exception cref="WalletException">The call failed.</exception>
    internal static T Must<T>(string what, RpcResult<T> read) => read.TryGet(out var value, out var error)
        ? value
        : throw new WalletException($"{what} cannot be read: {Words(error)}");

    /// <summary>An error in words: the contract's reason of a revert, else the endpoint's.</summary>
    internal static string Words(RpcError error) =>
        error.Kind == RpcErrorKind.Reverted ? RevertReason.Of(error.Data) : error.ToString();
}
