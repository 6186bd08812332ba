namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>The charges of payers in microdollars, by payer and day (UTC, by block time).</summary>
/// <remarks>
/// Limited to the last 90 days and 1,000 payers per day; further payers of a day are summed under <c>others</c>.
/// </remarks>
public sealed class SpendByDay
{
    private const int MaxDays = 90;
    private const int MaxPayers = 1000;
    private const string Others = "others";

    /// <summary>By day, such as <c>2026-07-01</c>, and payer.</summary>
    public SortedDictionary<string, SortedDictionary<string, Int128>> Days { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Adds a charge of a payer.</summary>
    /// <param name="payer">The payer.</param>
    /// <param name="microdollars">The amount.</param>
    /// <param name="at">The time, in Unix seconds.</param>
    public void Add(string payer, Int128 microdollars, ulong at)
    {
        var day = DateTimeOffset.FromUnixTimeSeconds((long)at).UtcDateTime
            .ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        if (!Days.TryGetValue(day, out var payers)) Days[day] = payers = new(StringComparer.Ordinal);
        var name = payers.ContainsKey(payer) || payers.Count < MaxPayers ? payer : Others;
        payers[name] = payers.GetValueOrDefault(name) + microdollars;
        while (Days.Count > MaxDays) Days.Remove(Days.Keys.First());
    }
}
