using System.Globalization;
using System.Text.Json;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// The rules on several entries of one name, by which a payer's key changes at a date: at each instant exactly one of them is in
/// force, and they differ only in the key and in their dates.
/// </summary>
internal static class PayerDates
{
    private static readonly string[] MayDiffer = [.. KeyEntry.Members, "from", "until"];

    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'",
    ];

    /// <summary>Reads a date; null when it is not there, or is a fault.</summary>
    internal static DateTimeOffset? Read(JsonMembers members, string name)
    {
        if (members.Text(name) is not { } text) return null;
        const DateTimeStyles InUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, InUtc, out var instant)) return instant;
        members.Fault($"{name}: expected a time with its offset, such as 2027-01-31T09:00:00Z or 2027-01-31T09:00:00+01:00");
        return null;
    }

    /// <summary>The faults of entries of one name that differ in more than the key and the dates.</summary>
    internal static IEnumerable<string> Differences(IEnumerable<(PayerEntry Entry, JsonElement Element)> entries)
    {
        foreach (var same in entries.Where(one => one.Entry.Name.Length > 0).GroupBy(one => one.Entry.Name, StringComparer.Ordinal))
        {
            if (!same.Any(one => one.Entry.HasDates)) continue;
            var first = same.First().Element;
            foreach (var (entry, element) in same.Skip(1))
            {
                foreach (var member in Names(first).Union(Names(element)).Where(name => !IsSame(name, first, element)))
                    yield return $"{entry.Place}: {member}: it differs from the entry of this name before it; expected the same";
            }
        }
    }

    /// <summary>The faults of the dates, and of payers of one name without dates.</summary>
    /// <param name="entries">All entries of a file.</param>
    /// <param name="now">The instant at which the file is read.</param>
    internal static IEnumerable<string> Faults(IEnumerable<PayerEntry> entries, DateTimeOffset now) => entries
        .Where(one => one.Name.Length > 0).GroupBy(one => one.Name, StringComparer.Ordinal).SelectMany(same => FaultsOf([.. same], now));

    private static IEnumerable<string> FaultsOf(IReadOnlyList<PayerEntry> entries, DateTimeOffset now)
    {
        if (!entries.Any(one => one.HasDates)) return entries.Skip(1).Select(one => $"{one.Place}: another payer has the same name");
        List<string> faults =
        [
            .. entries.Where(one => one.From >= one.Until).Select(one => $"{one.Place}: from and until: expected from before until"),
            .. entries.Where(one => one.Senders.Count > 0)
                .Select(one => $"{one.Place}: senders: expected none beside from and until; its key changes with a restart"),
        ];
        return faults.Count > 0 ? faults : Chain([.. entries.OrderBy(one => one.From ?? DateTimeOffset.MinValue)], now);
    }

    private static IEnumerable<string> Chain(IReadOnlyList<PayerEntry> entries, DateTimeOffset now)
    {
        if (entries[0].From > now)
            yield return $"{entries[0].Place}: from: nobody pays for its callers until then; expected an entry that ends then, or none";
        for (var i = 1; i < entries.Count; i++)
        {
            var (end, begin, place) = (entries[i - 1].Until, entries[i].From, entries[i].Place);
            if (end is null || begin is null || begin < end)
                yield return $"{place}: from: another entry of this name is in force then too; expected the until of that one";
            else if (begin > end)
                yield return $"{place}: from: nobody pays for its callers just before it; expected the until of the entry before it";
        }

        if (entries[^1].Until is not null)
            yield return $"{entries[^1].Place}: until: nobody pays for its callers after it; expected an entry that begins then, or none";
    }

    private static IEnumerable<string> Names(JsonElement element) =>
        element.EnumerateObject().Select(member => member.Name).Except(MayDiffer, StringComparer.Ordinal);

    private static bool IsSame(string name, JsonElement one, JsonElement other) => one.TryGetProperty(name, out var left)
        && other.TryGetProperty(name, out var right) && JsonElement.DeepEquals(left, right);
}
