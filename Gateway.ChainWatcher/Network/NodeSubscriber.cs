using Grpc.Core;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.ChainWatcher.Hosting;
using RpcException = Grpc.Core.RpcException;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>Keeps a stream of one node's cursors open, for ever.</summary>
/// <remarks>
/// The node is up from the first cursor to the end of the stream. A stream that is silent for longer than
/// <see cref="WatcherOptions.NetworkMaxSilence"/> is ended here. The waits double from stream to stream; they begin anew after
/// one that was up for as long as the longest wait: a node that sends one cursor and ends the stream has not worked.
/// </remarks>
internal sealed partial class NodeSubscriber(
    WatchedNode node, NetworkCursors cursors, WatcherOptions options, TimeProvider time, ILogger<NodeSubscriber> logger)
{
    private const string NotReached = "dial";
    private const string Broken = "stream_recv";
    private const string Silent = "silent";
    private const string Other = "other";
    private const string Ended = "ended";
    private bool _isDownTold;

    /// <summary>Follows the node until the token is cancelled. Does not throw.</summary>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        var pause = new ReconnectPause(options.NetworkMinBackoff, options.NetworkMaxBackoff);
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await FollowAsync(stoppingToken) >= pause.Max) pause.Reset();
            await Task.Delay(pause.Next(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Returns how long the node was up.
    private async Task<TimeSpan> FollowAsync(CancellationToken stoppingToken)
    {
        using var silence = new CancellationTokenSource(options.NetworkMaxSilence, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, silence.Token);
        long? upSince = null;
        try
        {
            using var stream = new SyncCursorStream(node.Address, linked.Token);
            while (await stream.NextAsync(linked.Token) is { } message)
            {
                silence.CancelAfter(options.NetworkMaxSilence);
                if (message.Last is not { } cursor) continue;
                cursors.Apply(node.Id, cursor);
                if (upSince is null) SayUp();
                upSince ??= time.GetTimestamp();
            }

            SetDown(Ended, "the node ended the stream");
        }
        catch (Exception exception) when (stoppingToken.IsCancellationRequested && IsOfCancellation(exception))
        {
            // The watcher is stopping, or the node is not watched any more.
        }
        catch (Exception exception) when (silence.IsCancellationRequested && IsOfCancellation(exception))
        {
            SetDown(Silent, $"it sent nothing for {options.NetworkMaxSilence}");
        }
        catch (RpcException exception)
        {
            var reason = exception.StatusCode == StatusCode.Unavailable && upSince is null ? NotReached : Broken;
            SetDown(reason, $"{exception.StatusCode}, {exception.Status.Detail} {exception.Status.DebugException?.Message}".TrimEnd());
        }
#pragma warning disable CA1031 // Whatever a node causes, it is asked again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            SetDown(Other, exception.Message);
        }

        return upSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero;
    }

    private static bool IsOfCancellation(Exception exception) =>
        exception is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled };

    // As in the original, a stream that ends without an error is not counted as one.
    private void SetDown(string reason, string error)
    {
        cursors.SetDown(node.Id, reason == Ended ? null : reason);
        if (!_isDownTold) LogDown(logger, node.Id, RedactedUrl.Of(node.Address), reason, error);
        _isDownTold = true;
    }

    private void SayUp()
    {
        LogUp(logger, node.Id, RedactedUrl.Of(node.Address));
        _isDownTold = false;
    }

    [LoggerMessage(EventIds.NodeSubscriberUp, LogLevel.Information, "node {Node} at {Address} streams its cursor")]
    private static partial void LogUp(ILogger logger, uint node, string address);

    [LoggerMessage(
        EventIds.NodeSubscriberDown,
        LogLevel.Warning,
        "node {Node} at {Address} does not stream its cursor ({Reason}): {Error}; it is asked until it does")]
    private static partial void LogDown(ILogger logger, uint node, string address, string reason, string error);
}
