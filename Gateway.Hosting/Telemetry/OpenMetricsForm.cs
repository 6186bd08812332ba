using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>
/// Rewrites the exporter's OpenMetrics output so that strict parsers accept it, without renaming any series.
/// </summary>
/// <remarks>
/// In OpenMetrics the samples of a counter end in <c>_total</c>, and the name of its family omits that. A counter whose
/// name does not end so, like some of the original's, is invalid there: it keeps its name as type <c>unknown</c>, which
/// Prometheus stores as the same series. Prometheus' own text format has no such rule and is not changed.
/// </remarks>
internal static class OpenMetricsForm
{
    private const string MediaType = "application/openmetrics-text";
    private const string Total = "_total";
    private const string Created = "_created";

    /// <summary>Adds the rewriting in front of the scraping endpoint.</summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="isScrape">Whether a request goes to that endpoint.</param>
    public static void UseOpenMetricsForm(this IApplicationBuilder app, Func<HttpContext, bool> isScrape) => app.UseScrapeText(
        call => isScrape(call) && call.Request.Headers.Accept.ToString().Contains(MediaType, StringComparison.OrdinalIgnoreCase),
        (call, text) => call.Response.ContentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) == true
            ? Rewrite(text)
            : text);

    /// <summary>The same metrics in strict form.</summary>
    internal static string Rewrite(string text)
    {
        var types = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ') is ["#", "TYPE", var name, var type]) types[name] = type;
        }

        var strict = new StringBuilder(text.Length);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if ((line.StartsWith("# ", StringComparison.Ordinal) ? Metadata(line, types) : Sample(line, types)) is { } kept)
                strict.Append(kept).Append('\n');
        }

        return strict.ToString();
    }

    private static string? Metadata(string line, Dictionary<string, string> types)
    {
        var parts = line.Split(' ', 4);
        if (parts.Length < 4) return line;
        var (what, name, rest) = (parts[1], parts[2], parts[3]);
        var isCounter = types.GetValueOrDefault(name) == "counter";
        var family = isCounter && name.EndsWith(Total, StringComparison.Ordinal) ? name[..^Total.Length] : name;
        // A unit must be a suffix of the name, and the names are those of the original.
        if (what == "UNIT" && !family.EndsWith('_' + rest, StringComparison.Ordinal)) return null;
        return $"# {what} {family} {(what == "TYPE" && isCounter && family == name ? "unknown" : rest)}";
    }

    private static string? Sample(string line, Dictionary<string, string> types)
    {
        var end = line.AsSpan().IndexOfAny('{', ' ');
        if (end < 0) return line;
        var name = line[..end];
        if (types.ContainsKey(name) || !name.EndsWith(Created, StringComparison.Ordinal)) return line;
        var counted = name[..^Created.Length];
        if (types.GetValueOrDefault(counted) != "counter") return line;
        return counted.EndsWith(Total, StringComparison.Ordinal) ? counted[..^Total.Length] + Created + line[end..] : null;
    }
}
