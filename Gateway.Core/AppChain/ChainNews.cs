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
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic, IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic, .. BroadcasterContract.StateTopics]],
    };

    /// <summary>Follows new heads until the token ends it.</summary>
    internal async Task FollowHeadsAsync(CancellationToken stopping)
    {
        var isTold = false;
        await foreach (var item in socket.StreamHeadsAsync(stopping).ConfigureAwait(false))
        {
            Tell("heads", item.Kind, item.Error, ref isTold);
            if (item.News is { } head) listener.OnHead(head);
            else if (item.Kind == StreamItemKind.Live) listener.OnHeads();
        }
    }

    /// <summary>Follows what the contracts publish, and what they take, until the token ends it.</summary>
    internal async Task FollowEventsAsync(CancellationToken stopping)
    {
        var isTold = false;
        await foreach (var item in socket.StreamLogsAsync(events, stopping).ConfigureAwait(false))
        {
            Tell("logs", item.Kind, item.Error, ref isTold);
            if (item.News is not { } log) listener.OnEvents(areTold: item.Kind == StreamItemKind.Live);
            else if (BroadcasterContract.ChangesWhatIsTaken(log)) listener.OnContractChanged();
            else listener.OnPublished(log);
        }
    }

    // A line when it begins, and not one a try.
    private void Tell(string what, StreamItemKind kind, RpcError? error, ref bool isTold)
    {
        if (kind == StreamItemKind.Refused && !isTold) LogRefused(logger, what, error);
        isTold = kind == StreamItemKind.Refused || (isTold && kind != StreamItemKind.Live);
    }

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "the WebSocket endpoint refuses the subscription to {What}; the chain is polled until it takes it, and it is asked again: {Error}")]
    private static partial void LogRefused(ILogger logger, string what, RpcError? error);
}
