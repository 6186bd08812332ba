using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Wallet;

/// <summary>Reads what the payer has on both chains, and what it buys at the current rates and gas price.</summary>
internal static class StatusTool
{
    private const int Kilobyte = 1024;
    private const uint AnyNodeId = 200;

    /// <summary>Reads, and writes the report.</summary>
    /// <returns>0 when everything could be read, else 1.</returns>
    internal static async Task<int> RunAsync(
        IServiceProvider services, PayerWallet wallet, bool json, WalletConsole console, CancellationToken cancellationToken)
    {
        var status = new PayerStatus(wallet.Address, wallet.Registry.Address);
        await ReadRegistryAsync(status, wallet, cancellationToken).ConfigureAwait(false);
        await ReadWalletAsync(status, wallet, cancellationToken).ConfigureAwait(false);
        await ReadGasAsync(status, services, wallet, cancellationToken).ConfigureAwait(false);
        await console.Output.WriteLineAsync(json ? status.ToJson() : status.ToTable()).ConfigureAwait(false);
        foreach (var fault in status.Faults) await console.TellAsync(fault).ConfigureAwait(false);
        return status.Faults.Count == 0 ? WalletExit.Done : WalletExit.Refused;
    }

    private static async Task ReadRegistryAsync(PayerStatus status, PayerWallet wallet, CancellationToken cancellationToken)
    {
        status.Balance = status.Take(
            "the balance", await wallet.Registry.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        var pending = status.TakeObject(
            "the pending withdrawal",
            await wallet.Registry.GetPendingWithdrawalAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        if (pending is not null && pending.Amount > default(Microdollars))
        {
            status.Pending = pending;
            status.LockLeft = await wallet.LockLeftAsync(pending, cancellationToken).ConfigureAwait(false);
        }

        if (!wallet.Chains.HasRates) return;
        var schedule = status.TakeObject(
            "the rates", await RateReader.ReadAsync(wallet.Chains.RateRegistry, cancellationToken).ConfigureAwait(false));
        if (schedule?.InForce(wallet.Time.GetUtcNow()) is { } rates)
            status.MessagePrice = new Picodollars(EnvelopeCosts.BaseFee(rates, PayerEnvelopeWriter.PayerEnvelopeSize(AnyNodeId, Kilobyte)));
    }

    // A registry that names no tokens has a balance all the same.
    private static async Task ReadWalletAsync(PayerStatus status, PayerWallet wallet, CancellationToken cancellationToken)
    {
        status.SettlementGas = status.Take(
            "the gas on the settlement chain",
            await wallet.Rpc.GetBalanceAsync(wallet.Address, BlockTag.Latest, cancellationToken).ConfigureAwait(false));
        var named = await wallet.Registry.GetFeeTokenAsync(cancellationToken).ConfigureAwait(false);
        if (!named.IsOk) return;
        var feeToken = new TokenContract(wallet.Rpc, named.Value);
        status.FeeTokens = Read(await feeToken.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
        var underlying = await feeToken.GetUnderlyingAsync(cancellationToken).ConfigureAwait(false);
        if (!underlying.IsOk) return;
        var stablecoin = new TokenContract(wallet.Rpc, underlying.Value);
        status.Stablecoins = Read(await stablecoin.GetBalanceAsync(wallet.Address, cancellationToken).ConfigureAwait(false));
    }

    private static async Task ReadGasAsync(
        PayerStatus status, IServiceProvider services, PayerWallet wallet, CancellationToken cancellationToken)
    {
        var gas = status.TakeObject(
            "the gas on the App Chain",
            await FundsReader.ReadGasAsync(wallet.Chains, wallet.Address, wallet.Time, cancellationToken).ConfigureAwait(false));
        if (gas is null) return;
        status.AppChainGas = gas.Balance;
        var prices = services.GetRequiredService<EnvelopeCosts>();
        var fees = services.GetRequiredService<FeeOracle>();
        if (await fees.DetectAsync(cancellationToken).ConfigureAwait(false) is null && fees.IsPriced)
            status.CommitPrice = prices.GasOf(Kilobyte);
        status.AppChainGasWorth = prices.PriceOf(gas.Balance);
    }

    private static Microdollars? Read(RpcResult<Microdollars> read) => read.IsOk ? read.Value : null;
}
