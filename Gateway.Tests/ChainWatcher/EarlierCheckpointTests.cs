using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a watcher makes of checkpoints that an earlier release wrote.</summary>
public sealed class EarlierCheckpointTests : OnItsOwnChain
{
    [Fact]
    public async Task A_checkpoint_without_report_times_is_rebuilt_and_counts_nothing_twice()
    {
        await Fixture.Chain.SubmitReportAsync(100, 0, 10, 1, Bytes32.Parse("0x" + new string('a', 64)), [100], [100], Cancel);
        // So many blocks, read in small pages, that the report is among the figures that are settled.
        await Fixture.Chain.MineAsync(300, Cancel);
        IReadOnlyList<string> before;
        await using (var watcher = await StartAsync())
        {
            await watcher.IsReadyAsync();
            before = await watcher.FiguresAsync();
        }

        var file = Path.Combine(Folder, "settlement-chain.json");
        var checkpoint = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
        Assert.True(checkpoint["Settled"]!["Originators"]!["100"]!.AsObject().Remove("LastSubmission"));
        checkpoint["Of"] = "1" + checkpoint["Of"]!.GetValue<string>()[1..];
        await File.WriteAllTextAsync(file, checkpoint.ToJsonString(), Cancel);

        await using var upgraded = await StartAsync();
        await upgraded.IsReadyAsync();
        Assert.Single(upgraded.LinesOf(8002), line => line.Contains("an earlier release", StringComparison.Ordinal));
        Assert.Equal(1, await upgraded.MetricAsync("xmtp_chain_active_originator_nodes"));
        Assert.Equal(1, await upgraded.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
        Assert.Equal(WithoutAges(before), WithoutAges(await upgraded.FiguresAsync()));
    }

    private Task<WatcherUnderTest> StartAsync() => WatcherUnderTest.StartWithAsync(
    [
        "--contracts.environment", "anvil", "--rpc-url", Fixture.Anvil.HttpUrl.ToString(), "--metrics.metrics-port", "0",
        "--watcher.state-folder", Folder, "--contracts.settlement-chain.backfill-block-page-size", "10",
    ]);

    private static IEnumerable<string> WithoutAges(IReadOnlyList<string> figures) =>
        figures.Where(line => !line.StartsWith("xmtp_chain_time_since_last_submission_seconds", StringComparison.Ordinal));
}
