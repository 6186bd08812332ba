using System.Threading.Channels;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The subscriptions in parallel with the queries: they trigger queries and report logs that these must find.</summary>
/// <remarks>While an endpoint refuses subscriptions the chain is polled, as without a WebSocket.</remarks>
internal sealed class LogStream(WebSocketRpcTransport? socket, LogFilter filter, PushedLogs pushed, FollowStatus status, TimeProvider time)
{
    private const ulong Unknown = ulong.MaxValue;
    private readonly Channel<bool> _wakes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SilenceLimit _limit = new(time);
    private long _headHeardAt = time.GetTimestamp();
    private ulong _headHeard;
    private ulong _firstHead = Unknown;
    private volatile bool _hearsHeads;

    /// <summary>Follows until the token is cancelled.</summary>
    public Task RunAsync(CancellationToken stoppingToken) =>
        socket is null
            ? Task.CompletedTask
            : Task.WhenAll(
                FollowAsync(socket.StreamLogsAsync(filter, stoppingToken), OnLog, stoppingToken),
                FollowAsync(socket.StreamHeadsAsync(stoppingToken), OnHead, stoppingToken));

    /// <summary>Waits for an item of a subscription, or for the timeout.</summary>
    public async Task WaitAsync(TimeSpan max, CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(max, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stoppingToken);
        try
        {
            await _wakes.Reader.ReadAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
        {
            // The time has passed.
        }
    }

    /// <summary>
    /// Renews the connection when the chain has advanced for this long without anything from the subscriptions. The time doubles
    /// with each renewal: <see cref="SilenceLimit"/>.
    /// </summary>
    /// <remarks>
    /// Only blocks above the first head that is read after a subscription began must be heard: a chain that has made none since
    /// then has nothing to tell.
    /// </remarks>
    public void ReconnectIfSilent(ulong head, TimeSpan after)
    {
        if (socket is null || !status.IsLive) return;
        var first = Interlocked.CompareExchange(ref _firstHead, head, Unknown);
        if (first == Unknown || head <= Math.Max(first, Volatile.Read(ref _headHeard)))
            Volatile.Write(ref _headHeardAt, time.GetTimestamp());
        var limit = _limit.Of(after);
        var isDeaf = (_hearsHeads && time.GetElapsedTime(Volatile.Read(ref _headHeardAt)) >= limit) || pushed.IsSilent(limit);
        if (!isDeaf) return;
        _limit.CountRenewal();
        status.CountReconnect();
        Volatile.Write(ref _headHeardAt, time.GetTimestamp());
        pushed.Lost();
        socket.Restart();
    }

    private static async Task FollowAsync<T>(
        IAsyncEnumerable<StreamItem<T>> stream, Action<StreamItem<T>> onItem, CancellationToken stoppingToken)
        where T : class
    {
        try
        {
            await foreach (var item in stream.ConfigureAwait(false)) onItem(item);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The caller stopped following.
        }
    }

    private void OnLog(StreamItem<LogEntry> item)
    {
        if (item.Value is { } log) pushed.Add(log);
        else if (item.Kind == StreamItemKind.Live) pushed.Live();
        else pushed.Lost();
        if (item.Value is null) status.IsLive = item.Kind == StreamItemKind.Live;
        _wakes.Writer.TryWrite(true);
    }

    private void OnHead(StreamItem<Block> item)
    {
        if (item.Value is null)
        {
            _hearsHeads = item.Kind == StreamItemKind.Live;
            Volatile.Write(ref _firstHead, Unknown);
        }

        if (item.Value is { } head) Volatile.Write(ref _headHeard, Math.Max(head.Number, Volatile.Read(ref _headHeard)));
        Volatile.Write(ref _headHeardAt, time.GetTimestamp());
    }
}
