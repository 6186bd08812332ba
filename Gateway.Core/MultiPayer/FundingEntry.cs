using System.Globalization;
using Xmtp.Gateway.AppChain.Senders.Funding;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Reads the member <c>fundSenders</c> of a payer: amounts in whole coins of the App Chain, exact to a gwei.</summary>
internal static class FundingEntry
{
    private const int Decimals = 9;

    // In gwei it is below 2^53, which Redis counts exactly.
    private const int Most = 1_000_000;

    private static readonly string[] Members = ["below", "to", "maxPerDay"];

    /// <summary>Reads it; null when it is not there, or is a fault.</summary>
    internal static FundingLevels? Of(string place, JsonMembers payer, ICollection<string> faults)
    {
        if (payer.Element("fundSenders") is not { } element) return null;
        if (!payer.Has("senders")) payer.Fault("fundSenders: expected senders, which get the gas");
        var members = new JsonMembers($"{place}: fundSenders", element, Members, faults);
        foreach (var missing in Members.Where(name => !members.Has(name))) members.Fault($"{missing}: it is missing");
        var amounts = (Amount(members, "below"), Amount(members, "to"), Amount(members, "maxPerDay"));
        if (amounts is not ({ } below, { } to, { } most)) return null;
        if (below >= to) members.Fault("below: expected less than to");
        else if (most < to - below) members.Fault("maxPerDay: expected at least what lifts a sender from below to to");
        else return new FundingLevels(below, to, most);
        return null;
    }

    private static ulong? Amount(JsonMembers members, string name)
    {
        if (members.Text(name) is not { } text) return null;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        if (char.IsAsciiDigit(text[0])
            && char.IsAsciiDigit(text[^1])
            && (point < 0 || text.Length - point - 1 <= Decimals)
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var coins)
            && coins is > 0 and <= Most)
        {
            return (ulong)(coins * FundingLevels.WeiOfGwei);
        }

        members.Fault($"{name}: expected coins of the App Chain as a text such as \"0.01\", more than 0, at most {Most}, and of at most " +
            $"{Decimals} digits behind the point");
        return null;
    }
}
