using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain;

/// <summary>Hears of new heads, and of what the contracts did, over a WebSocket: so an answer waits for a block and not for a poll.</summary>
/// <remarks>Without it, and while it is away, polling does the same work later.</remarks>
internal sealed partial class ChainNews(WebSocketRpcTransport socket, IReadOnlyList<EthereumAddress> contracts, IChainListener listener, ILogger<ChainNews> logger)
{
    private readonly LogFilter events = new()
    {
        Addresses = contracts,
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic, IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic, BroadcasterContract.PauseStatusUpdatedTopic]],
    };

    /// <summary>Follows new heads until the token ends it.</summary>
    internal async Task FollowHeadsAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var item in socket.StreamHeadsAsync(stopping).ConfigureAwait(false))
            {
                if (item.News is { } head) listener.OnHead(head);
                else if (item.Kind == StreamItemKind.Live) listener.OnHeads();
            }
        }
        catch (RpcException error)
        {
            await RestAsync("heads", error, stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Follows what the contracts publish, and their pauses, until the token ends it.</summary>
    internal async Task FollowEventsAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var item in socket.StreamLogsAsync(events, stopping).ConfigureAwait(false))
            {
                if (item.News is not { } log) listener.OnEvents(areTold: item.Kind == StreamItemKind.Live);
                else if (log.Is(BroadcasterContract.PauseStatusUpdatedTopic)) listener.OnPause();
                else listener.OnPublished(log);
            }
        }
        catch (RpcException error)
        {
            listener.OnEvents(areTold: false);
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
