using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Overview;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>All payers and their sum, as JSON. Has addresses, amounts and names; no keys and no rules.</summary>
internal static class PayersOverview
{
    /// <summary>The payers, what they have and spent together, and the file that they are from.</summary>
    /// <param name="payers">The payers.</param>
    /// <param name="coming">The wallets that pay from a date on.</param>
    /// <param name="faults">Why the file as it is now is not in force; empty when it is.</param>
    internal static JsonObject Of(PayerSet payers, IReadOnlyList<ComingPayer> coming, IReadOnlyList<string> faults)
    {
        var all = payers.All.Select(payer => (Payer: payer,
            Funds: payer.IsStarted ? payer.Services.GetRequiredService<FundsState>() : null,
            Spent: payer.IsStarted ? payer.Services.GetRequiredService<SpendLedger>().Total : default)).ToList();
        return new JsonObject
        {
            ["file"] = new JsonObject
            {
                ["version"] = payers.Reading.Version,
                ["faults"] = JsonPage.List(faults.Select(fault => JsonValue.Create(fault))),
            },
            ["coming"] = JsonPage.List(coming.Select(one => new JsonObject
            {
                ["name"] = one.Entry.Name,
                ["address"] = one.Address.ToString(),
                ["from"] = Date(one.Entry.From),
                ["until"] = Date(one.Entry.Until),
                ["messages"] = Messages(one.Funds),
                ["gas"] = Gas(one.Payer, one.Funds),
            })),
            ["leaving"] = JsonPage.List(payers.Leaving.Select(payer => JsonValue.Create(payer.Name))),
            ["payers"] = JsonPage.List(all.Select(one => new JsonObject
            {
                ["name"] = one.Payer.Name,
                ["address"] = one.Payer.Address.ToString(),
                ["from"] = Date(one.Payer.Entry.From),
                ["until"] = Date(one.Payer.Entry.Until),
                ["started"] = one.Payer.IsStarted,
                ["messages"] = Messages(one.Funds),
                ["gas"] = Gas(one.Payer, one.Funds),
                ["published"] = one.Spent.Messages,
                ["spent"] = Amounts.Dollars(one.Spent.Total),
                ["overview"] = $"{OverviewPage.Path}?payer={one.Payer.Name}",
            })),
            ["sum"] = new JsonObject
            {
                ["messages"] = Amounts.Dollars(
                    Sum(all.Select(one => one.Funds?.Payer is { } read ? Picodollars.From(read.Balance) : default))),
                ["gas"] = Amounts.Dollars(Sum(all.Select(one => one.Funds?.Gas is { } gas ? PriceOf(one.Payer, gas.Balance) : default))),
                ["published"] = all.Sum(one => one.Spent.Messages),
                ["spent"] = Amounts.Dollars(Sum(all.Select(one => one.Spent.Total))),
            },
        };
    }

    private static string? Date(DateTimeOffset? date) => date?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonObject? Messages(FundsState? funds) =>
        Fund(funds?.Payer is { } read ? Picodollars.From(read.Balance) : null, funds?.PayerState());

    private static JsonObject? Gas(Payer payer, FundsState? funds) =>
        Fund(funds?.Gas is { } gas ? PriceOf(payer, gas.Balance) : null, funds?.GasState());

    private static JsonObject? Fund(Picodollars? balance, FundState? state) => balance is not { } amount ? null : new JsonObject
    {
        ["dollars"] = Amounts.Dollars(amount),
        ["level"] = (state?.Level ?? FundLevel.Good).ToString().ToLowerInvariant(),
        ["lasts"] = Amounts.Runway(state?.RunwayHours),
    };

    private static Picodollars PriceOf(Payer payer, Wei gas) => payer.Services.GetRequiredService<EnvelopeCosts>().PriceOf(gas);

    private static Picodollars Sum(IEnumerable<Picodollars> amounts) => amounts.Aggregate(Picodollars.Zero, (sum, one) => sum + one);
}
