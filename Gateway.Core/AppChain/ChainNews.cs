using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain;

/// <summary>Hears of new heads, and of pauses, over a WebSocket: so an answer waits for a block and not for a poll.</summary>
/// <remarks>Without it, and while it is away, polling does the same work later.</remarks>
internal sealed partial class ChainNews(
    WebSocketRpcTransport socket, IReadOnlyList<EthereumAddress> contracts, Action<Block> onHead, Action onPause, Action onLive, ILogger<ChainNews> logger)
{
    /// <summary>Follows new heads until the token ends it.</summary>
    internal async Task FollowHeadsAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var item in socket.StreamHeadsAsync(stopping).ConfigureAwait(false))
            {
                if (item.News is { } head) onHead(head);
                else if (item.Kind == StreamItemKind.Live) onLive();
            }
        }
        catch (RpcException error)
        {
            await RestAsync("heads", error, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Follows pauses until the token ends it.</summary>
    internal async Task FollowPausesAsync(CancellationToken stopping)
    {
        var filter = new LogFilter { Addresses = [.. contracts], Topics = [[BroadcasterContract.PauseStatusUpdatedTopic]] };
        try
        {
            await foreach (var item in socket.StreamLogsAsync(filter, stopping).ConfigureAwait(false))
            {
                if (item.Kind != StreamItemKind.Lost) onPause();
            }
        }
        catch (RpcException error)
        {
            await RestAsync("logs", error, stopping).ConfigureAwait(false);
        }
    }

    // An endpoint that has no such subscription will not have it in a second either.
    private async Task RestAsync(string what, RpcException error, CancellationToken stopping)
    {
        LogNone(logger, what, error.Error.ToString());
        await Task.Delay(Timeout.InfiniteTimeSpan, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "the WebSocket endpoint has no subscription to {What}, so the chain is polled: {Error}")]
    private static partial void LogNone(ILogger logger, string what, string error);
}
