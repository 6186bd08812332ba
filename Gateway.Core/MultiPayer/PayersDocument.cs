namespace Xmtp.Gateway.MultiPayer;

/// <summary>What a payers file says.</summary>
/// <param name="Entries">Its entries: several of one name where a key changes at a date.</param>
/// <param name="Issuers">Its issuers of tokens, each as settings of <c>Xmtp:Auth:Jwt</c>, with their place for faults.</param>
internal sealed record PayersDocument(
    IReadOnlyList<PayerEntry> Entries, IReadOnlyList<(string Place, IReadOnlyDictionary<string, string?> Settings)> Issuers)
{
    /// <summary>A file without payers.</summary>
    public static PayersDocument Empty { get; } = new([], []);

    /// <summary>The entries in force, of each name one: the payers.</summary>
    public IReadOnlyList<PayerEntry> Payers { get; private init; } = Entries;

    /// <summary>The entries whose time is over.</summary>
    public IReadOnlyList<PayerEntry> Earlier { get; private init; } = [];

    /// <summary>The entries whose time has not come, the next one of a name first.</summary>
    public IReadOnlyList<PayerEntry> Coming { get; private init; } = [];

    /// <summary>When other entries are in force than now; null for never.</summary>
    public DateTimeOffset? NextChange { get; private init; }

    /// <summary>The same file at an instant.</summary>
    internal PayersDocument At(DateTimeOffset now)
    {
        if (!Entries.Any(entry => entry.HasDates)) return this;
        List<PayerEntry> coming = [.. Entries.Where(entry => entry.From > now).OrderBy(entry => entry.From)];
        return this with
        {
            Payers = [.. Entries.Where(entry => !(entry.From > now) && !(entry.Until <= now))],
            Earlier = [.. Entries.Where(entry => entry.Until <= now)],
            Coming = coming,
            NextChange = coming.Count > 0 ? coming[0].From : null,
        };
    }
}
