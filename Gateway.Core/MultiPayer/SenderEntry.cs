using System.Text.Json;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>The key of a sender of a payer, as the payers file names it.</summary>
/// <param name="Place">Where it is, for faults: such as <c>payers[0] (app-a): senders[1]</c>.</param>
/// <param name="Key">Where its key is.</param>
internal sealed record SenderEntry(string Place, KeyEntry Key)
{
    /// <summary>The most senders of a payer.</summary>
    internal const int Max = 64;

    private static readonly string[] Members = [.. KeyEntry.Members, "count"];

    /// <summary>Reads the member <c>senders</c> of a payer; none when it is not there.</summary>
    internal static IReadOnlyList<SenderEntry> ListOf(string place, JsonMembers payer, ICollection<string> faults)
    {
        if (!payer.Has("senders")) return [];
        List<SenderEntry> senders =
            [.. payer.List("senders").SelectMany((one, i) => Entries($"{place}: senders[{i}]", one, faults))];
        if (senders.Count is 0 or > Max) payer.Fault($"senders: expected a list of 1 to {Max} keys");
        return senders;
    }

    // With a count the keys of that many indexes, beginning at the given one.
    private static IEnumerable<SenderEntry> Entries(string place, JsonElement element, ICollection<string> faults)
    {
        var members = new JsonMembers(place, element, Members, faults);
        var key = KeyEntry.Of(members);
        if (!members.Has("count")) return [new SenderEntry(place, key)];
        if (members.Number("count", 1, Max) is not { } count) return [new SenderEntry(place, key)];
        if (key.Index is not { } first || first > Hosting.Keys.SeedFile.MaxIndex - count + 1)
        {
            members.Fault($"count: expected seedFile and index, and no index above {Hosting.Keys.SeedFile.MaxIndex}");
            return [new SenderEntry(place, key)];
        }

        return Enumerable.Range(first, count).Select(index => new SenderEntry(place, key with { Index = index }));
    }
}
