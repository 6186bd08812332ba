using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>Hears of new heads, and of what the contracts did, over a WebSocket: so an answer waits for a block and not for a poll.</summary>
/// <remarks>Without one, and while it is away, polling does the same work later.</remarks>
internal sealed partial class ChainNews(
    AppChainConnection connection,
    Broadcasters broadcasters,
    BlockTimes blockTimes,
    ChainFollower follower,
    Flights flights,
    BackgroundWork background,
    AppChainTransactionOptions options,
    ILogger<ChainNews> logger)
{
    private readonly LogFilter events = new()
    {
        Addresses = [broadcasters.Groups.Address, broadcasters.Identities.Address],
        Topics = [[GroupMessageBroadcasterContract.MessageSentTopic, IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic, .. BroadcasterContract.StateTopics]],
    };

    /// <summary>Begins to follow, where there is a WebSocket.</summary>
    internal void Start()
    {
        if (connection.Socket is not { } socket) return;
        background.Repeat("following heads", options.PollInterval, stop => FollowHeadsAsync(socket, stop));
        background.Repeat("following events", options.PollInterval, stop => FollowEventsAsync(socket, stop));
    }

    private async Task FollowHeadsAsync(WebSocketRpcTransport socket, CancellationToken stopping)
    {
        var isTold = false;
        await foreach (var item in socket.StreamHeadsAsync(stopping).ConfigureAwait(false))
        {
            Tell("heads", item.Kind, item.Error, ref isTold);
            if (item.News is { } head) blockTimes.Learn(head);
            else if (item.Kind != StreamItemKind.Live) continue;
            follower.Nudge();
        }
    }

    private async Task FollowEventsAsync(WebSocketRpcTransport socket, CancellationToken stopping)
    {
        var isTold = false;
        await foreach (var item in socket.StreamLogsAsync(events, stopping).ConfigureAwait(false))
        {
            Tell("logs", item.Kind, item.Error, ref isTold);
            if (item.News is not { } log) HearsEvents(item.Kind == StreamItemKind.Live, stopping);
            else if (BroadcasterContract.ChangesWhatIsTaken(log)) _ = broadcasters.RefreshAsync(stopping);
            else flights.Land(log);
        }
    }

    // Some may have been missed before.
    private void HearsEvents(bool areTold, CancellationToken stopping)
    {
        follower.HearsEvents = areTold;
        follower.Nudge();
        if (areTold) _ = broadcasters.RefreshAsync(stopping);
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
