using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>Ages of payer reports and of the chain's head, which go on while the chain makes no block.</summary>
public sealed class ReportAgeTests : OnItsOwnChain
{
    private const string SinceLast = "xmtp_chain_time_since_last_submission_seconds";
    private const string Active = "xmtp_chain_active_originator_nodes";
    private const string HeadAge = "xmtp_chain_watcher_head_age_seconds{chain=\"settlement-chain\"}";

    private readonly MovedClock _clock = new();

    [Fact]
    public async Task The_time_since_the_last_report_and_the_age_of_the_head_grow_when_the_chain_stops()
    {
        await SubmitAsync(100);
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();
        Assert.InRange((await watcher.MetricAsync(SinceLast))!.Value, 0, 300);
        Assert.InRange((await watcher.WatchMetricAsync(HeadAge))!.Value, 0, 300);

        _clock.Move(TimeSpan.FromHours(1));

        Assert.InRange((await watcher.MetricAsync(SinceLast))!.Value, 3_600, 3_900);
        Assert.InRange((await watcher.WatchMetricAsync(HeadAge))!.Value, 3_600, 3_900);
        await SubmitAsync(100, index: 1);
        await Eventually.IsAsync(
            async () => await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}") == 2, "it is read");
        Assert.Equal(2, (await watcher.JsonAsync("/v1/history?type=PayerReportSubmitted")).GetProperty("events").GetArrayLength());
    }

    [Theory]
    [InlineData("150m")]
    [InlineData("10m", "--watcher.active-originator-window", "10m")]
    public async Task An_originator_without_a_report_within_the_window_counts_no_longer(string window, params string[] more)
    {
        var longest = window == "150m" ? TimeSpan.FromMinutes(150) : TimeSpan.FromMinutes(10);
        await SubmitAsync(100);
        await PassAsync(longest / 2);
        await SubmitAsync(200);
        _clock.Move(longest / 2);
        await using var watcher = await StartAsync(more);
        await watcher.IsReadyAsync();
        Assert.Equal(2, await watcher.MetricAsync(Active));

        _clock.Move(longest * 3 / 4);
        Assert.Equal(1, await watcher.MetricAsync(Active));

        _clock.Move(longest);
        Assert.Equal(0, await watcher.MetricAsync(Active));
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
    }

    private Task<WatcherUnderTest> StartAsync(params string[] more) => WatcherUnderTest.StartAsync(
        Fixture.Anvil.HttpUrl, Fixture.Anvil.WebSocketUrl, _clock, ["--watcher.state-folder", Folder, .. more]);

    private async Task SubmitAsync(uint node, ulong index = 0) =>
        await Fixture.Chain.SubmitReportAsync(
            node, index * 10, (index + 1) * 10, (uint)index + 1, Bytes32.Parse("0x" + new string('a', 63) + index), [100, 200], [100],
            Cancel);

    private async Task PassAsync(TimeSpan time)
    {
        await Fixture.Chain.PassTimeAsync(time, Cancel);
        await Fixture.Chain.MineAsync(1, Cancel);
    }
}
