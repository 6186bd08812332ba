using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>The metrics of the original's chain watcher at 822ddc95, each with its type and labels.</summary>
public sealed partial class OriginalMetricNamesTests : OnItsOwnChain
{
    private static readonly (string Name, string Type, string Labels)[] All =
    [
        ("xmtp_chain_active_originator_nodes", "gauge", ""),
        ("xmtp_chain_attesting_node_count", "gauge", "originator_id"),
        ("xmtp_chain_envelope_range_gap", "gauge", "originator_id"),
        ("xmtp_chain_envelope_range_total", "counter", "originator_id"),
        ("xmtp_chain_events_processed_total", "counter", "event_type"),
        ("xmtp_chain_fees_settled_picodollars", "counter", "originator_id"),
        ("xmtp_chain_report_settled_total", "counter", "originator_id"),
        ("xmtp_chain_report_submitted_total", "counter", "originator_id"),
        ("xmtp_chain_submission_to_settlement_seconds", "histogram", "originator_id"),
        ("xmtp_chain_time_since_last_submission_seconds", "gauge", ""),
        ("xmtp_chain_usage_settled_total", "counter", ""),
    ];

    [Fact]
    public async Task What_is_scraped_has_the_original_s_names_types_and_labels()
    {
        for (uint index = 0; index < 2; index++)
        {
            await Fixture.Chain.SubmitReportAsync(
                100, index * 10, (index + 1) * 10, index + 1, Bytes32.Parse("0x" + new string('a', 64)), [100, 200], [100], Cancel);
            await Fixture.Chain.SettleReportAsync(100, index, 1, [(DevAccounts.Signer(1).Address, new Microdollars(7))], Cancel);
        }

        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();
        var text = await watcher.ScrapeAsync("text/plain;version=0.0.4");
        Assert.All(All, metric =>
        {
            Assert.Contains($"# TYPE {metric.Name} {metric.Type}\n", text, StringComparison.Ordinal);
            var sample = metric.Type == "histogram" ? metric.Name + "_count" : metric.Name;
            Assert.Equal((metric.Name, metric.Labels), (metric.Name, LabelsOf(text, sample)));
        });
        string[] events = ["PayerReportSubmitted", "PayerReportSubsetSettled", "UsageSettled"];
        Assert.All(events, type => Assert.Contains($"{{event_type=\"{type}\"}} 2", text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Before_the_first_report_of_a_chain_there_are_zeros_and_no_time_since_it()
    {
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();
        Assert.Equal(0, await watcher.MetricAsync("xmtp_chain_active_originator_nodes"));
        Assert.Equal(0, await watcher.MetricAsync("xmtp_chain_usage_settled_total"));
        Assert.Null(await watcher.MetricAsync("xmtp_chain_time_since_last_submission_seconds"));
    }

    private Task<WatcherUnderTest> StartAsync() => WatcherUnderTest.StartWithAsync(
    [
        "--contracts-env", "anvil", "--rpc-url", $"{Fixture.Anvil.HttpUrl}", "--wss-url", $"{Fixture.Anvil.WebSocketUrl}",
        "--metrics-port", "0", "--watcher.state-folder", Folder,
    ]);

    private static string? LabelsOf(string text, string sample) =>
        Regex.Match(text, $"^{sample}(?:{{(?<labels>[^}}]*)}})? ", RegexOptions.Multiline) is { Success: true } line
            ? string.Join(',', Label().Matches(line.Groups["labels"].Value).Select(label => label.Groups[1].Value))
            : null;

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
