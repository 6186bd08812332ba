using System.Text;
using Microsoft.AspNetCore.Builder;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>Series of something that is gone while the process runs, whose last value the exporter would repeat.</summary>
internal interface IHiddenSeries
{
    /// <summary>The labels of series that are not served, each as a scrape shows it: <c>name="value"</c>. Thread-safe.</summary>
    IReadOnlyList<string> Labels { get; }
}

/// <summary>Leaves hidden series out of scrapes.</summary>
internal static class HiddenSeries
{
    /// <summary>Adds it in front of the scraping endpoint.</summary>
    public static void UseHiddenSeries(this IApplicationBuilder app, IHiddenSeries hidden) => app.UseScrapeText(
        _ => hidden.Labels.Count > 0, (_, text) => Without(hidden.Labels, text));

    /// <summary>A scrape without the samples that have one of the labels.</summary>
    internal static string Without(IReadOnlyList<string> labels, string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > 0 && !Has(line, labels)) kept.Append(line).Append('\n');
        }

        return kept.ToString();
    }

    private static bool Has(ReadOnlySpan<char> line, IReadOnlyList<string> labels)
    {
        if (line[0] == '#') return false;
        foreach (var label in labels)
        {
            var at = line.IndexOf(label, StringComparison.Ordinal);
            if (at > 0 && line[at - 1] is ('{' or ',')) return true;
        }

        return false;
    }
}
