using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Reads the nodes at start, every refresh interval, and when they are announced to have changed; every second while
/// there are none.
/// </summary>
internal sealed partial class NodeRegistryRefresher(
    INodeRegistry registry,
    IChangeNotifications changes,
    IOptions<ContractsOptions> options,
    TimeProvider time,
    ILogger<NodeRegistryRefresher> logger) : BackgroundService
{
    private static readonly TimeSpan WhileEmpty = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxReadTime = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var announced = changes.Subscribe(ChangeKind.NodesChanged, RefreshAsync);
        while (!stoppingToken.IsCancellationRequested)
        {
            await RefreshAsync(stoppingToken).ConfigureAwait(false);
            var pause = registry.Current.Nodes.Count == 0 ? WhileEmpty : options.Value.SettlementChain.NodeRegistryRefreshInterval;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RefreshAsync(CancellationToken stoppingToken)
    {
        using var timeout = new CancellationTokenSource(MaxReadTime, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, timeout.Token);
        try
        {
            await registry.RefreshAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            if (!stoppingToken.IsCancellationRequested) LogSlow(logger);
        }
#pragma warning disable CA1031 // whatever breaks one reading, the next one may be good, and a host that stops serves nobody
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogBroke(logger, exception);
        }
    }

    [LoggerMessage(
        EventId = EventIds.NodeRegistryRefresherSlow,
        Level = LogLevel.Warning,
        Message = "the node registry did not answer in time, the last nodes stay")]
    private static partial void LogSlow(ILogger logger);

    [LoggerMessage(
        EventId = EventIds.NodeRegistryRefresherBroke,
        Level = LogLevel.Error,
        Message = "reading the node registry broke, the last nodes stay")]
    private static partial void LogBroke(ILogger logger, Exception fault);
}
