using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Telemetry;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>The histogram of settlements in both forms of a scrape, read strictly and by Prometheus' own tool.</summary>
public sealed class SettlementHistogramTests : OnItsOwnChain
{
    private const string Name = "xmtp_chain_submission_to_settlement_seconds";
    private const string OpenMetrics = "application/openmetrics-text;version=1.0.0";
    private const string Plain = "text/plain;version=0.0.4";
    private static readonly string[] Bounds =
        ["60.0", "120.0", "300.0", "600.0", "900.0", "1800.0", "3600.0", "5400.0", "7200.0", "+Inf"];

    [Fact]
    public async Task It_is_a_histogram_with_the_original_s_bounds_in_both_forms()
    {
        await using var watcher = await SettledAsync();

        foreach (var accept in (string[])[OpenMetrics, Plain])
        {
            var lines = (await watcher.ScrapeAsync(accept)).Split('\n');
            Assert.Single(lines, line => line == $"# TYPE {Name} histogram");
            Assert.DoesNotContain(lines, line => line.StartsWith($"# TYPE {Name}_", StringComparison.Ordinal));
            Assert.DoesNotContain(lines, line => line.StartsWith($"{Name}_bucket_created", StringComparison.Ordinal));
            Assert.Equal(
                Bounds.Select((bound, i) => $"{Name}_bucket{{originator_id=\"100\",le=\"{bound}\"}} {(i < 3 ? 0 : 1)}"),
                lines.Where(line => line.StartsWith(Name + "_bucket", StringComparison.Ordinal)));
            Assert.Single(lines, $"{Name}_count{{originator_id=\"100\"}} 1");
            Assert.Single(lines, line => line.StartsWith($"{Name}_sum{{originator_id=\"100\"}} 4", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_strict_reader_and_Prometheus_own_tool_read_the_scrape()
    {
        await using var watcher = await SettledAsync();

        var (types, samples) = OpenMetricsReader.Read(await watcher.ScrapeAsync(OpenMetrics));
        Assert.Equal("histogram", types[Name]);
        Assert.Equal(1, samples[$"{Name}_bucket{{originator_id=\"100\",le=\"600.0\"}}"]);
        await PromtoolCheck.ReadsAsync(await watcher.ScrapeAsync(Plain), Cancel);
    }

    [Fact]
    public void What_is_formatted_is_a_copy_that_later_figures_do_not_change()
    {
        var figures = new ChainFigures();
        figures.Originator(100).Await("0", 0);
        figures.Originator(100).Settle("0", 30);
        var copy = SettlementCounts.Of(figures);

        figures.Originator(100).Await("1", 0);
        figures.Originator(100).Settle("1", 30);
        figures.Originator(200).Await("0", 0);

        var lines = SettlementHistogram.PutInto("# EOF\n", copy).Split('\n');
        Assert.Single(lines, $"{Name}_count{{originator_id=\"100\"}} 1");
        Assert.Single(lines, $"{Name}_sum{{originator_id=\"100\"}} 30");
        Assert.DoesNotContain(lines, line => line.Contains("200\"", StringComparison.Ordinal));
    }

    // One report of originator 100, settled 400 s after its submission.
    private async Task<WatcherUnderTest> SettledAsync()
    {
        var chain = Fixture.Chain;
        await chain.SubmitReportAsync(100, 0, 10, 1, Bytes32.Parse("0x" + new string('a', 64)), [100], [100], Cancel);
        await chain.PassTimeAsync(TimeSpan.FromSeconds(400), Cancel);
        await chain.MineAsync(1, Cancel);
        await chain.SettleReportAsync(100, 0, 1, [(DevAccounts.Signer(1).Address, new Microdollars(7))], Cancel);
        var watcher = await WatcherUnderTest.StartAsync(
            Fixture.Anvil.HttpUrl, Fixture.Anvil.WebSocketUrl, "--watcher.state-folder", Folder);
        await watcher.IsReadyAsync();
        return watcher;
    }
}
