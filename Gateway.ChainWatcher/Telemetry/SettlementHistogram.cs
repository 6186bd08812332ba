using System.Globalization;
using System.Text;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>The durations from submission to settlement, as one histogram of the scrape.</summary>
/// <remarks>
/// The figures are read at each scrape, and no instrument of .NET is a histogram that is read: the meter has three
/// counters, which OTLP exports, and the scrape gets one histogram in their place. Bounds are written as strict parsers
/// of OpenMetrics expect them, such as <c>60.0</c>.
/// </remarks>
internal static class SettlementHistogram
{
    /// <summary>The name of the family.</summary>
    public const string Name = "xmtp_chain_submission_to_settlement_seconds";

    /// <summary>What it measures.</summary>
    public const string Help = "From a report's submission to its settlement, by block times";

    private const string End = "# EOF";

    /// <summary>The cumulative buckets of an originator, with their bounds.</summary>
    public static IEnumerable<(string Bound, long Count)> Buckets(IReadOnlyList<long> byBound)
    {
        long below = 0;
        for (var i = 0; i < byBound.Count; i++)
        {
            below += byBound[i];
            yield return (i < OriginatorFigures.Bounds.Count ? Bound(OriginatorFigures.Bounds[i]) : "+Inf", below);
        }
    }

    /// <summary>The scrape with the histogram in place of its counters.</summary>
    /// <param name="scrape">What the exporter wrote, in either form.</param>
    /// <param name="originators">
    /// The counts; none while this watcher does not lead or reads history, which leaves the histogram out.
    /// </param>
    public static string PutInto(string scrape, IReadOnlyList<SettlementCounts> originators)
    {
        var text = new StringBuilder(scrape.Length);
        foreach (var line in scrape.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            if (line != End && !IsOfCounters(line)) text.Append(line).Append('\n');
        if (originators.Count > 0) Write(text, originators);
        if (scrape.TrimEnd().EndsWith(End, StringComparison.Ordinal)) text.Append(End).Append('\n');
        return text.ToString();
    }

    private static void Write(StringBuilder text, IReadOnlyList<SettlementCounts> originators)
    {
        text.Append(CultureInfo.InvariantCulture, $"# TYPE {Name} histogram\n# HELP {Name} {Help}\n");
        foreach (var (id, byBound, sum) in originators)
        {
            foreach (var (bound, count) in Buckets(byBound))
                text.Append(CultureInfo.InvariantCulture, $"{Name}_bucket{{originator_id=\"{id}\",le=\"{bound}\"}} {count}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Name}_sum{{originator_id=\"{id}\"}} {sum}\n");
            text.Append(CultureInfo.InvariantCulture, $"{Name}_count{{originator_id=\"{id}\"}} {byBound.Sum()}\n");
        }
    }

    // Samples, and the lines "# TYPE name type", "# HELP name text" and "# UNIT name unit".
    private static bool IsOfCounters(string line)
    {
        var named = line.StartsWith("# ", StringComparison.Ordinal) ? line[(line.IndexOf(' ', 2) + 1)..] : line;
        return named.StartsWith(Name, StringComparison.Ordinal);
    }

    private static string Bound(ulong seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds}.0");
}
