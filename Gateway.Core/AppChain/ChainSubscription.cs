using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// Subscribes to new heads and to the contracts' events over a WebSocket, so that an answer waits for a block rather
/// than for a poll: one subscription for all payers of a process.
/// </summary>
/// <remarks>
/// Without a WebSocket, and while it is unavailable, polling does the same work later. One that delivers nothing about a
/// transaction that was mined is connected again.
/// </remarks>
internal sealed partial class ChainSubscription(
    AppChainConnection connection,
    FollowingPayers payers,
    Broadcasters broadcasters,
    ContractReadings contracts,
    BlockTimes blockTimes,
    FeeOracle fees,
    ChainReader chain,
    AppChainTransactionOptions options,
    ILogger<ChainSubscription> logger)
{
    private readonly LogFilter _events = new()
    {
        Addresses = [broadcasters.Groups.Address, broadcasters.Identities.Address],
        Topics = [[
            GroupMessageBroadcasterContract.MessageSentTopic,
            IdentityUpdateBroadcasterContract.IdentityUpdateCreatedTopic,
            .. BroadcasterContract.StateTopics,
        ]],
    };

    /// <summary>Starts to follow the chain, if a WebSocket is configured, until the work is stopped.</summary>
    internal void Start(BackgroundWork background)
    {
        if (connection.Socket is not { } socket) return;
        background.Repeat("following heads", options.PollInterval, stoppingToken => FollowHeadsAsync(socket, stoppingToken));
        background.Repeat("following events", options.PollInterval, stoppingToken => FollowEventsAsync(socket, stoppingToken));
        background.Repeat("checking subscriptions", options.SilentAfter / 4, _ => ReconnectIfSilent(socket));
    }

    private Task ReconnectIfSilent(WebSocketRpcTransport socket)
    {
        if (payers.FindMissing(options.SilentAfter) is { } what)
        {
            LogSilent(logger, what, options.SilentAfter.TotalSeconds);
            socket.Restart();
        }

        return Task.CompletedTask;
    }

    private async Task FollowHeadsAsync(WebSocketRpcTransport socket, CancellationToken stoppingToken)
    {
        var refused = new RefusedSubscription("heads", chain.NewFaultLevels());
        Block? last = null;
        await foreach (var item in socket.StreamHeadsAsync(stoppingToken).ConfigureAwait(false))
        {
            if (refused.LevelOf(item.Kind, item.Error) is { } level) LogRefused(logger, level, refused.What, item.Error);
            if (item.Value is not { } head)
            {
                // Heads may have been missed before.
                payers.SetHeads(item.Kind == StreamItemKind.Live);
                continue;
            }

            blockTimes.Learn(head);
            fees.Learn(head);
            var isReplaced = head.Number <= last?.Number && head.Hash != last.Hash;
            last = head;
            payers.Tell(accounts =>
            {
                accounts.OnHead(head.Number);
                if (isReplaced) accounts.NoteReorganization();
                accounts.RequestRead();
            });
        }
    }

    private async Task FollowEventsAsync(WebSocketRpcTransport socket, CancellationToken stoppingToken)
    {
        var refused = new RefusedSubscription("logs", chain.NewFaultLevels());
        await foreach (var item in socket.StreamLogsAsync(_events, stoppingToken).ConfigureAwait(false))
        {
            if (refused.LevelOf(item.Kind, item.Error) is { } level) LogRefused(logger, level, refused.What, item.Error);
            if (item.Value is not { } log)
            {
                // Events may have been missed before.
                payers.SetEvents(item.Kind == StreamItemKind.Live);
                if (item.Kind == StreamItemKind.Live) _ = contracts.ReadAsync(stoppingToken);
            }
            else if (BroadcasterContract.ChangesWhatIsTaken(log))
            {
                _ = contracts.ReadAsync(stoppingToken);
            }
            else
            {
                payers.Tell(accounts =>
                {
                    if (log.Removed) accounts.NoteReorganization();
                    accounts.OnEvent(log);
                });
            }
        }
    }

    [LoggerMessage(
        EventId = EventIds.ChainSubscriptionRefused,
        Message = "the WebSocket endpoint refuses the subscription to {What}; polling the chain and retrying the subscription: {Error}")]
    private static partial void LogRefused(ILogger logger, LogLevel severity, string what, RpcError? error);

    [LoggerMessage(
        EventId = EventIds.ChainSubscriptionSilent,
        Level = LogLevel.Warning,
        Message = "the WebSocket endpoint delivered no {What} for a transaction that was found mined {Seconds} s ago; it is " +
            "connected again")]
    private static partial void LogSilent(ILogger logger, string what, double seconds);
}
