using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Am I running dry: both funds, what they buy, how long they last, and their last days.</summary>
internal static class FundsSection
{
    private const uint AnyNodeId = 200;
    private const int Kilobyte = 1024;

    /// <summary>The section.</summary>
    internal static object Of(IServiceProvider services)
    {
        var (funds, costs) = (services.GetRequiredService<FundsState>(), services.GetRequiredService<EnvelopeCosts>());
        var contracts = services.GetRequiredService<IOptions<ContractsOptions>>().Value;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var price = services.GetRequiredService<RateCache>().InForce(now) is { } rates ? MessagePrice(rates) : default;
        var history = funds.History;
        return new
        {
            since = history.Count > 0 ? history[0].Hour : (DateTimeOffset?)null,
            payerRegistry = contracts.SettlementChain.PayerRegistry.ToString(),
            appChainId = contracts.AppChain.ChainId,
            settlementChainId = contracts.SettlementChain.ChainId,
            messages = funds.Payer is { } payer ? Fund(
                Picodollars.From(payer.Balance),
                Buys(Picodollars.From(payer.Balance).Value, price.Value),
                funds.PayerState(),
                payer.At,
                payer.PendingWithdrawal.Value > 0 ? Amounts.Dollars(Picodollars.From(payer.PendingWithdrawal)) : null,
                history.Select(moment => moment.Payer is { } left ? Picodollars.From(left).ToDollars() : (decimal?)null)) : null,
            gas = funds.Gas is { } gas ? Fund(
                costs.PriceOf(gas.Balance),
                Buys((Int128)gas.Balance.Amount, (Int128)funds.CommitCost.Amount),
                funds.GasState(),
                gas.At,
                null,
                history.Select(moment => moment.Gas is { } left ? costs.PriceOf(left).ToDollars() : (decimal?)null)) : null,
        };
    }

    /// <summary>What a message of 1 KB costs without congestion.</summary>
    internal static Picodollars MessagePrice(Rates rates) =>
        new(EnvelopeCosts.BaseFee(rates, PayerEnvelopeWriter.PayerEnvelopeSize(AnyNodeId, Kilobyte)));

    private static object Fund(
        Picodollars balance, Int128? buys, FundState? state, DateTimeOffset readAt, string? withdrawing, IEnumerable<decimal?> line) => new
        {
            dollars = Amounts.Dollars(balance),
            level = (state?.Level ?? FundLevel.Good).ToString().ToLowerInvariant(),
            buys = buys is { } count ? Amounts.Count(count) : null,
            lasts = Amounts.Runway(state?.RunwayHours),
            readAt,
            withdrawing,
            line,
        };

    private static Int128? Buys(Int128 balance, Int128 price) => price <= 0 ? null : Int128.Max(0, balance / price);
}
