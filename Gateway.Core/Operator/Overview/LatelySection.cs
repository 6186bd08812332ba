using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Operator.Lately;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>What happened lately on both chains, as the chain watcher tells.</summary>
internal static partial class LatelySection
{
    /// <summary>The section; null without a watcher.</summary>
    internal static JsonObject? Of(OverviewFacts facts) => facts.News is not { } news ? null : new()
    {
        ["fault"] = news.Fault,
        ["events"] = JsonPage.List(news.Events.Select(happened => new JsonObject
        {
            ["time"] = happened.Time is { } time and <= int.MaxValue
                ? DateTimeOffset.FromUnixTimeSeconds((long)time)
                : (DateTimeOffset?)null,
            ["chain"] = happened.Chain,
            ["what"] = What(happened),
            ["transaction"] = happened.Transaction,
            ["block"] = happened.Block,
        })),
    };

    // The watcher's text of rates has picodollars, and their start in Unix seconds; any other text stays as it is.
    private static string InDollars(string text, ulong? happenedAt) => RatesText().Match(text) is { Success: true } rates
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{Dollars(rates.Groups[1])} a message, {Dollars(rates.Groups[2])} a byte and day, {Dollars(rates.Groups[3])} for congestion " +
                $"above {rates.Groups[4].ValueSpan} messages a minute{From(rates.Groups[5].Value, happenedAt)}")
        : text;

    private static string Dollars(Group picodollars) =>
        Amounts.Dollars(new Picodollars(Int128.Parse(picodollars.ValueSpan, CultureInfo.InvariantCulture)));

    // Rates whose start has passed when they are announced are in force at once.
    private static string From(string seconds, ulong? happenedAt)
    {
        if (!int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var unix)) return $", from {seconds}";
        return (ulong)unix <= happenedAt
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", from {DateTimeOffset.FromUnixTimeSeconds(unix):yyyy-MM-dd HH:mm} UTC");
    }

    [GeneratedRegex(
        @"\Amessage ([0-9]{1,20}), storage ([0-9]{1,20}), congestion ([0-9]{1,20}) picodollars, " +
        @"target ([0-9]{1,20}) a minute, from ([0-9]{1,20})\z")]
    private static partial Regex RatesText();

    private static string What(WatcherEvent happened)
    {
        var dollars = Int128.TryParse(happened.Microdollars, CultureInfo.InvariantCulture, out var amount)
            ? Amounts.Dollars(Picodollars.From(new Microdollars(amount))) : null;
        var text = happened.Type switch
        {
            "Deposit" => $"{dollars} deposited",
            "UsageSettled" => $"{dollars} charged for usage",
            "WithdrawalRequested" => $"withdrawal of {dollars} requested",
            "WithdrawalCancelled" => "withdrawal cancelled",
            "WithdrawalFinalized" => "withdrawal paid out",
            "RatesUpdated" => "rates announced",
            "PauseStatusUpdated" => "contract paused or resumed",
            "NodeAdded" => "registered",
            "NodeAddedToCanonicalNetwork" => "joined the network",
            "NodeRemovedFromCanonicalNetwork" => "left the network",
            "HttpAddressUpdated" => "has a new address",
            var other => other ?? "",
        };
        if (happened.Node is { } node) text = string.Create(CultureInfo.InvariantCulture, $"node {node} {text}");
        return happened.Text is { Length: > 0 } more ? $"{text}: {InDollars(more, happened.Time)}" : text;
    }
}
