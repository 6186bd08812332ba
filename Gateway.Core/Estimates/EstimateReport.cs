using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Estimates;

/// <summary>An estimate as a table or as JSON. Amounts in JSON are decimal strings in picodollars.</summary>
/// <param name="month">The estimate.</param>
/// <param name="fallback">The configured price of a unit of gas, where the App Chain returned no usable one; null where it did.</param>
internal sealed class EstimateReport(MonthEstimate month, Wei? fallback)
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private string Flags => $"--limits=\"{month.Limits}\" --budgets=\"{month.Budgets}\"";

    internal string ToTable()
    {
        var text = new StringBuilder();
        Row(text, $"in {MonthEstimate.Days} days", "envelopes", "each", "month", "at full congestion");
        foreach (var kind in month.Kinds.Where(kind => !kind.IsGas)) Row(text, kind);
        Row(text, "node fees", gas: false);
        foreach (var kind in month.Kinds.Where(kind => kind.IsGas)) Row(text, kind);
        Row(text, "gas", gas: true);
        Row(text, "all", gas: null);
        text.AppendLine();
        if (fallback is not null)
        {
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"The App Chain returned no usable gas price: gas is priced by --app-chain.fallback-gas-price, {fallback} a unit.");
        }

        return text.Append(
                CultureInfo.InvariantCulture,
                $"Congestion is above {month.Rates.TargetRatePerMinute:N0} messages a minute of one node, by all its payers; this app ")
            .Append(CultureInfo.InvariantCulture, $"averages {month.MessagesPerMinute:N0} over all nodes.")
            .AppendLine()
            .AppendLine("Limits and budgets that fit: ten times the average of a user and of a minute, twice the month at full congestion:")
            .Append("  ").Append(Flags)
            .ToString();
    }

    internal string ToJson() => new JsonObject
    {
        ["days"] = MonthEstimate.Days,
        ["kinds"] = JsonPage.List(month.Kinds.Select(kind => new JsonObject
        {
            ["kind"] = kind.Kind,
            ["paidAs"] = kind.IsGas ? "gas" : "fees",
            ["envelopes"] = kind.Count,
            ["picodollarsEach"] = Text(kind.Each),
            ["picodollarsEachCongested"] = Text(kind.EachCongested),
        })),
        ["fees"] = Sum(gas: false),
        ["gas"] = Sum(gas: true),
        ["all"] = Sum(gas: null),
        ["gasPricedByFallback"] = fallback is not null,
        ["messagesPerMinute"] = month.MessagesPerMinute,
        ["targetRatePerMinute"] = month.Rates.TargetRatePerMinute,
        ["limits"] = month.Limits,
        ["budgets"] = month.Budgets,
    }.ToJsonString(Readable);

    private JsonObject Sum(bool? gas) =>
        new() { ["picodollars"] = Text(month.Total(false, gas)), ["picodollarsCongested"] = Text(month.Total(true, gas)) };

    private void Row(StringBuilder text, string name, bool? gas) =>
        Row(text, name, "", "", Dollars(month.Total(false, gas)), Dollars(month.Total(true, gas)));

    private static void Row(StringBuilder text, KindEstimate kind) => Row(
        text,
        "  " + kind.Kind,
        kind.Count.ToString("N0", CultureInfo.InvariantCulture),
        string.Create(CultureInfo.InvariantCulture, $"${kind.Each.ToDollars():0.00########}"),
        Dollars(kind.Month),
        Dollars(kind.MonthCongested));

    private static void Row(StringBuilder text, string name, string count, string each, string sum, string congested) => text.AppendLine(
        CultureInfo.InvariantCulture, $"{name,-20}{count,16}{each,16}{sum,16}{congested,20}");

    private static string Dollars(Picodollars amount) => string.Create(CultureInfo.InvariantCulture, $"${amount.ToDollars():N2}");

    private static string Text(Picodollars amount) => amount.Value.ToString(CultureInfo.InvariantCulture);
}
