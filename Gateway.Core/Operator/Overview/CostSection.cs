using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Replicas;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>What does it cost: today, this month, one message, the rates now and announced, and the budgets of the whole gateway.</summary>
internal static class CostSection
{
    private const ulong MaxUnixTime = 253_402_300_799;

    /// <summary>The section.</summary>
    internal static JsonObject Of(OverviewFacts facts, IServiceProvider services)
    {
        var schedule = services.GetRequiredService<RateCache>().Schedule;
        var (funds, costs) = (services.GetRequiredService<FundsState>(), services.GetRequiredService<EnvelopeCosts>());
        var usage = services.GetRequiredService<SettledUsageReader>().Reconciliation;
        var today = DateOnly.FromDateTime(facts.At.UtcDateTime);
        return new JsonObject
        {
            // Null in Redis, which keeps it for 90 days.
            ["since"] = services.GetRequiredService<IUsageStore>().Since,
            ["today"] = Sum(facts, day => day == today),
            ["month"] = Sum(facts, day => (day.Year, day.Month) == (today.Year, today.Month)),
            ["commit"] = funds.CommitCost.Amount > 0 ? Amounts.Dollars(costs.PriceOf(funds.CommitCost)) : null,
            ["now"] = Rate(schedule.InForce(facts.At)),
            ["announced"] = Rate(schedule.Next(facts.At)),
            ["isPaused"] = facts.IsPaused,
            ["charged"] = Amounts.Dollars(usage.Settled),
            ["answered"] = Amounts.Dollars(new(facts.Replicas.Aggregate(Int128.Zero, (sum, replica) => sum + FeesOf(replica)))),
            ["budgets"] = JsonPage.List(facts.Budgets.Select(Show)),
        };
    }

    /// <summary>How much of a budget is used.</summary>
    internal static JsonObject Show(BudgetUse budget) =>
        new() { ["name"] = budget.Name, ["used"] = budget.Used, ["percent"] = budget.Percent };

    private static Int128 FeesOf(ReplicaReport replica) =>
        Int128.TryParse(replica.Fees, CultureInfo.InvariantCulture, out var fees) ? fees : 0;

    private static JsonObject? Sum(OverviewFacts facts, Func<DateOnly, bool> isMeant)
    {
        if (facts.Days is null) return null;
        var sum = new UsageFigures();
        foreach (var (day, figures) in facts.Days)
            if (isMeant(day)) sum.Add(figures);
        return new JsonObject
        {
            ["dollars"] = Amounts.Dollars(sum.Spent),
            ["fees"] = Amounts.Dollars(sum.Fees),
            ["gas"] = Amounts.Dollars(sum.Gas),
            ["messages"] = sum.Messages,
            ["refused"] = sum.Refused,
        };
    }

    private static JsonObject? Rate(Rates? rates) => rates is null ? null : new JsonObject
    {
        ["kilobyte"] = Amounts.Dollars(FundsSection.MessagePrice(rates)),
        ["message"] = Amounts.Dollars(new Picodollars(rates.MessageFee)),
        ["storage"] = Amounts.Dollars(new Picodollars(rates.StorageFee)),
        ["congestion"] = Amounts.Dollars(new Picodollars(rates.CongestionFee)),
        ["startsAt"] = rates.StartTime is > 0 and <= MaxUnixTime
            ? DateTimeOffset.FromUnixTimeSeconds((long)rates.StartTime) : (DateTimeOffset?)null,
    };
}
