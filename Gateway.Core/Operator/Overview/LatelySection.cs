using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Operator.Lately;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>What happened lately on both chains, as the chain watcher tells.</summary>
internal static class LatelySection
{
    /// <summary>The section; null without a watcher.</summary>
    internal static object? Of(OverviewFacts facts) => facts.News is not { } news ? null : new
    {
        fault = news.Fault,
        events = news.Events.Select(happened => new
        {
            time = happened.Time is { } time and <= int.MaxValue ? DateTimeOffset.FromUnixTimeSeconds((long)time) : (DateTimeOffset?)null,
            chain = happened.Chain,
            what = What(happened),
            transaction = happened.Transaction,
            block = happened.Block,
        }),
    };

    // The text of rates ends with their start, in Unix seconds.
    private static string WithDate(string text)
    {
        const string From = ", from ";
        var at = text.LastIndexOf(From, StringComparison.Ordinal);
        return at >= 0 && int.TryParse(text.AsSpan(at + From.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? string.Create(CultureInfo.InvariantCulture, $"{text[..(at + From.Length)]}{DateTimeOffset.FromUnixTimeSeconds(seconds):u}")
            : text;
    }

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
        return happened.Text is { Length: > 0 } more ? $"{text}: {WithDate(more)}" : text;
    }
}
