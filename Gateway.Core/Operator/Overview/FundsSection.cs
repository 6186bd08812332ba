using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Am I running dry: both funds, what they buy, how long they last, and their last days.</summary>
internal static class FundsSection
{
    private const uint AnyNodeId = 200;
    private const int Kilobyte = 1024;

    /// <summary>The section.</summary>
    internal static JsonObject Of(OverviewFacts facts, IServiceProvider services)
    {
        var (funds, costs) = (services.GetRequiredService<FundsState>(), services.GetRequiredService<EnvelopeCosts>());
        var contracts = services.GetRequiredService<IOptions<ContractsOptions>>().Value;
        var price = services.GetRequiredService<RateCache>().InForce(facts.At) is { } rates ? MessagePrice(rates) : default;
        var hours = Filled(facts.FundsHistory ?? []);
        return new JsonObject
        {
            // Null in Redis, which keeps the lines over restarts.
            ["since"] = services.GetRequiredService<IFundsHistory>().Since,
            ["isLineKnown"] = facts.FundsHistory is not null,
            ["payerRegistry"] = contracts.SettlementChain.PayerRegistry.ToString(),
            ["appChainId"] = contracts.AppChain.ChainId,
            ["settlementChainId"] = contracts.SettlementChain.ChainId,
            ["messages"] = funds.Payer is { } payer ? Fund(
                Picodollars.From(payer.Balance),
                Buys(Picodollars.From(payer.Balance).Value, price.Value),
                funds.PayerState(),
                payer.At,
                payer.PendingWithdrawal.Value > 0 ? Amounts.Dollars(Picodollars.From(payer.PendingWithdrawal)) : null,
                hours.Select(moment => moment.Payer is { } left ? Picodollars.From(left).ToDollars() : (decimal?)null)) : null,
            ["gas"] = funds.Gas is { } gas ? Fund(
                costs.PriceOf(gas.Balance),
                Buys((Int128)gas.Balance.Amount, (Int128)funds.CommitCost.Amount),
                funds.GasState(),
                gas.At,
                null,
                hours.Select(moment => moment.Gas is { } left ? costs.PriceOf(left).ToDollars() : (decimal?)null)) : null,
        };
    }

    /// <summary>What a message of 1 KB costs without congestion.</summary>
    internal static Picodollars MessagePrice(Rates rates) =>
        new(EnvelopeCosts.BaseFee(rates, PayerEnvelopeWriter.PayerEnvelopeSize(AnyNodeId, Kilobyte)));

    private static JsonObject Fund(
        Picodollars balance,
        Int128? buys,
        FundState? state,
        DateTimeOffset readAt,
        string? withdrawing,
        IEnumerable<decimal?> line) => new()
        {
            ["dollars"] = Amounts.Dollars(balance),
            ["level"] = (state?.Level ?? FundLevel.Good).ToString().ToLowerInvariant(),
            ["buys"] = buys is { } count ? Amounts.Count(count) : null,
            ["lasts"] = Amounts.Runway(state?.RunwayHours),
            ["readAt"] = readAt,
            ["withdrawing"] = withdrawing,
            ["line"] = JsonPage.List(line.Select(dollars => (JsonNode?)dollars)),
        };

    // Each hour from the first to the last, so that a line has the time as its width.
    private static IReadOnlyList<FundsMoment> Filled(IReadOnlyList<FundsMoment> history)
    {
        if (history.Count < 2) return history;
        var known = history.ToDictionary(moment => moment.Hour);
        var hours = Math.Min(IFundsHistory.KeptHours, (int)(history[^1].Hour - history[0].Hour).TotalHours + 1);
        var first = history[^1].Hour.AddHours(1 - hours);
        return [.. Enumerable.Range(0, hours).Select(i => first.AddHours(i))
            .Select(hour => known.GetValueOrDefault(hour) ?? new FundsMoment(hour, null, null))];
    }

    private static Int128? Buys(Int128 balance, Int128 price) => price <= 0 ? null : Int128.Max(0, balance / price);
}
