using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.ChainWatcher.Network;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>The stream of one node, by a clock that the test moves.</summary>
public sealed class NodeSubscriberTests
{
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_that_is_silent_for_too_long_counts_as_down_and_is_opened_again()
    {
        await using var nodes = new NodesUnderWatch();
        var node = await nodes.StartAsync(100);
        await using var edge = new TcpFaultProxy(node.Address.Port);
        var watched = new WatchedNode(100, edge.Through(node.Address));
        var cursors = new NetworkCursors(_clock);
        cursors.SetNetwork(new RegisteredNetwork([watched], new HashSet<uint> { 100 }));
        var logs = new CapturedLogs();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(logs));
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = new NodeSubscriber(
            watched, cursors, new WatcherOptions(), _clock, loggers.CreateLogger<NodeSubscriber>()).RunAsync(stopping.Token);
        await IsAsync(cursors, seen => seen.IsUp, "it is up");

        // A cursor begins the time anew; the node's own clock stands still for this test.
        _clock.Advance(TimeSpan.FromSeconds(80));
        await nodes.PublishAsync(100);
        await IsAsync(cursors, seen => seen.Cursor.Count == 1, "the change arrives");
        edge.Mode = ProxyMode.BlackHole;
        _clock.Advance(TimeSpan.FromSeconds(80));
        Assert.True(Only(cursors).IsUp);
        _clock.Advance(TimeSpan.FromSeconds(11));
        await IsAsync(cursors, seen => !seen.IsUp && seen.Errors.GetValueOrDefault("silent") == 1, "it is down");
        Assert.Contains(logs.Lines, line => line.Contains("it sent nothing for 00:01:30", StringComparison.Ordinal));

        edge.Mode = ProxyMode.Pass;
        await Eventually.IsAsync(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return Only(cursors).IsUp;
            },
            "it is up again");
        await stopping.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_stream_that_ends_after_one_cursor_is_reopened_with_exponential_backoff()
    {
        await using var node = await BriefNode.StartAsync();
        var watched = new WatchedNode(100, node.Address);
        var cursors = new NetworkCursors(_clock);
        cursors.SetNetwork(new RegisteredNetwork([watched], new HashSet<uint> { 100 }));
        using var loggers = LoggerFactory.Create(_ => { });
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = new NodeSubscriber(
            watched, cursors, new WatcherOptions(), _clock, loggers.CreateLogger<NodeSubscriber>()).RunAsync(stopping.Token);

        for (var stream = 1; stream < 5; stream++) await UntilStreamAsync(node, stream + 1);
        await Eventually.IsAsync(() => node is { Streams: 5, Open: 0 }, "the fifth stream has ended");
        node.Hold();

        // After 1, 2, 4 and 8 s; each wait may be a fifth shorter.
        Assert.InRange(await UntilStreamAsync(node, 6), TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(30));

        await IsAsync(cursors, seen => seen.IsUp, "it is up");
        _clock.Advance(TimeSpan.FromSeconds(31));
        node.Release();
        // Else the wait would have 24 s at least.
        Assert.InRange(await UntilStreamAsync(node, 7), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        await stopping.CancelAsync();
        await running;
    }

    // Returns how far the clock moved; it stands while the node is up.
    private async Task<TimeSpan> UntilStreamAsync(BriefNode node, int number)
    {
        await Eventually.IsAsync(() => node.Streams == number - 1 && node.Open == 0, "the last stream has ended");
        var began = _clock.GetTimestamp();
        await Eventually.IsAsync(
            () =>
            {
                if (node.Streams >= number) return true;
                _clock.Advance(TimeSpan.FromMilliseconds(100));
                return false;
            },
            "there is another stream");
        return _clock.GetElapsedTime(began);
    }

    private static NodeSnapshot Only(NetworkCursors cursors) => Assert.Single(cursors.Snapshot()!.Nodes);

    private static Task IsAsync(NetworkCursors cursors, Func<NodeSnapshot, bool> isTrue, string what) =>
        Eventually.IsAsync(() => isTrue(Only(cursors)), what);
}
