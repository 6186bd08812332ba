using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

public sealed class BackfillProgressTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLogs _logs = new();
    private readonly BackfillProgress _progress;

    public BackfillProgressTests() => _progress = new BackfillProgress("settlement chain", _time, _logs.CreateLogger("watch"));

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void A_long_backfill_logs_the_remaining_blocks_rate_and_time_and_its_end()
    {
        _progress.Observe(1_000, 11_000, false);
        _time.Advance(TimeSpan.FromSeconds(5));
        _progress.Observe(2_000, 11_000, false);
        Assert.Empty(_logs.Lines);
        _time.Advance(TimeSpan.FromSeconds(5));
        _progress.Observe(3_001, 11_000, false);
        Assert.Contains(
            "settlement chain: read up to block 3001 of 11000; 8000 blocks left, 200 blocks a second, about 39s",
            Assert.Single(_logs.Lines),
            StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(40));
        _progress.Observe(11_001, 11_000, true);
        _progress.Observe(11_002, 11_001, false);
        Assert.Contains("the history is read, 10001 blocks in 50s", _logs.Lines.Last(), StringComparison.Ordinal);
        Assert.Equal(2, _logs.Lines.Count);
    }

    [Fact]
    public void A_short_history_is_read_without_a_line()
    {
        _progress.Observe(1, 100, false);
        _time.Advance(TimeSpan.FromSeconds(2));
        _progress.Observe(101, 100, true);
        Assert.Empty(_logs.Lines);
    }
}
