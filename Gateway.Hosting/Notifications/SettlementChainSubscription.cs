using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Notifications;

/// <summary>
/// The gateway's own subscription to the settlement chain, for when no Redis is configured. Pauses are handled by the
/// App Chain's flow.
/// </summary>
/// <remarks>
/// Only notifies the components that read the chain; each new connection notifies all of them. Without a WebSocket URL
/// only their timers remain.
/// </remarks>
internal sealed partial class SettlementChainSubscription(
    ChangeNotifications changes,
    PayerAddresses payers,
    IOptions<RedisOptions> redis,
    IOptions<ContractsOptions> contracts,
    TimeProvider time,
    ILogger<SettlementChainSubscription> logger,
    UnreachableEndpoints? unreachable = null)
    : BackgroundService
{
    private const int MaxPayers = 100;

    private readonly SettlementChainOptions _chain = contracts.Value.SettlementChain;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (redis.Value.IsConfigured || _chain.WssUrl is null) return;
        var socket = new WebSocketRpcTransport(_chain.WssUrl, null, time);
        await using var socketScope = socket.ConfigureAwait(false);
        await Task.WhenAll(Filters().Select(filter => FollowAsync(socket, filter, stoppingToken))).ConfigureAwait(false);
    }

    private IEnumerable<LogFilter> Filters()
    {
        yield return new LogFilter
        {
            Addresses = _chain.RateRegistry.IsZero ? [_chain.NodeRegistry] : [_chain.NodeRegistry, _chain.RateRegistry],
            Topics = [[.. NodeRegistryContract.Topics, RateRegistryContract.RatesUpdatedTopic]],
        };
        if (_chain.PayerRegistry.IsZero) yield break;
        // Endpoints refuse filters with many topics: then the timers read the balances.
        if (payers.All.Count > MaxPayers) yield break;
        IReadOnlyList<Bytes32> payer = [.. payers.All.Select(one => PayerRegistryEvents.PayerTopic(one.Address))];
        yield return new LogFilter { Addresses = [_chain.PayerRegistry], Topics = [PayerRegistryEvents.OfPayerFirst, payer] };
        yield return new LogFilter { Addresses = [_chain.PayerRegistry], Topics = [[PayerRegistryEvents.UsageSettledTopic], null, payer] };
    }

    private async Task FollowAsync(WebSocketRpcTransport socket, LogFilter filter, CancellationToken stoppingToken)
    {
        var (faults, endpoint) = (new ReadFaults(unreachable, time), _chain.RpcUrl is { } url ? RedactedUrl.Of(url) : "");
        var refused = new RefusedSubscription("logs", error => faults.Read(endpoint, error));
        try
        {
            await foreach (var item in socket.StreamLogsAsync(filter, stoppingToken).ConfigureAwait(false))
            {
                if (item.Value is { } log) changes.Notify(KindOf(log));
                else if (item.Kind == StreamItemKind.Live) changes.NotifyAll();
                if (refused.LevelOf(item.Kind, item.Error) is { } level) LogRefused(logger, level, item.Error);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway is stopping.
        }
    }

    private ChangeKind KindOf(LogEntry log) =>
        log.Address == _chain.NodeRegistry ? ChangeKind.NodesChanged
        : log.Address == _chain.RateRegistry ? ChangeKind.RatesChanged
        : ChangeKind.BalanceChanged;

    [LoggerMessage(
        EventId = EventIds.SettlementChainSubscriptionRefused,
        Message = "the settlement chain's WebSocket endpoint refuses the subscription to logs; falling back to periodic reads and " +
            "retrying the subscription: {Error}")]
    private static partial void LogRefused(ILogger logger, LogLevel severity, RpcError? error);
}
