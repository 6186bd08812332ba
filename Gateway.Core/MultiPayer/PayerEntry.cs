using System.Collections.ObjectModel;
using Xmtp.Gateway.AppChain.Senders.Funding;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>One payer of the payers file, as it is written there.</summary>
internal sealed record PayerEntry
{
    /// <summary>The setting that named the file, for faults.</summary>
    public required string File { get; init; }

    /// <summary>Its index in the file.</summary>
    public required int Index { get; init; }

    /// <summary>Its name: 1 to 40 letters, digits, dots, dashes and underscores.</summary>
    public required string Name { get; init; }

    /// <summary>Where its key is; an empty one where code signs.</summary>
    public required KeyEntry Key { get; init; }

    /// <summary>The keys that send its transactions; none where it sends them itself.</summary>
    public IReadOnlyList<SenderEntry> Senders { get; init; } = [];

    /// <summary>How it keeps up the gas of its senders; null where it does not.</summary>
    public FundingLevels? Funding { get; init; }

    /// <summary>From when on it is in force, in UTC; null for always before its end.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>The instant at which it is not in force any more, in UTC; null for never.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether it is in force for a time only.</summary>
    internal bool HasDates => From is not null || Until is not null;

    /// <summary>Who belongs to it.</summary>
    public IReadOnlyList<PayerRule> Callers { get; init; } = [];

    /// <summary>The origins whose pages may publish; null for those of the gateway.</summary>
    public IReadOnlyList<string>? Origins { get; init; }

    /// <summary>The gateway's settings that it has otherwise, by configuration key.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = ReadOnlyDictionary<string, string?>.Empty;

    /// <summary>Where it is, for faults: such as <c>payers[0] (app-a)</c>. Made anew each time: most entries need it never.</summary>
    internal string Place => PlaceOf(File, Index, Name);

    /// <summary>Where an entry is, for faults.</summary>
    internal static string PlaceOf(string file, int index, string name) =>
        name.Length == 0 ? $"{file}: payers[{index}]" : $"{file}: payers[{index}] ({name})";

    /// <summary>Whether another entry sets the same.</summary>
    internal bool HasSettingsOf(PayerEntry other) => Settings.Count == other.Settings.Count
        && Settings.All(one => other.Settings.TryGetValue(one.Key, out var value) && value == one.Value);
}
