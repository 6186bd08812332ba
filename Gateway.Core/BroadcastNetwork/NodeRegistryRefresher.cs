using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Reads the nodes at start, at every refresh interval, and when a change is announced; every second while there are none.
/// </summary>
internal sealed partial class NodeRegistryRefresher(
    INodeRegistry registry,
    IChangeNotifications changes,
    IOptions<ContractsOptions> options,
    TimeProvider time,
    ILogger<NodeRegistryRefresher> logger) : PeriodicReader(ChangeKind.NodesChanged, changes, time)
{
    private static readonly TimeSpan WhileEmpty = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxReadTime = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override TimeSpan Pause =>
        registry.Current.Nodes.Count == 0 ? WhileEmpty : options.Value.SettlementChain.NodeRegistryRefreshInterval;

    /// <inheritdoc/>
    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(MaxReadTime, Time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await registry.RefreshAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogSlow(logger);
        }
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(logger, exception);

    [LoggerMessage(
        EventId = EventIds.NodeRegistryRefresherSlow,
        Level = LogLevel.Warning,
        Message = "the node registry did not answer in time; keeping the last nodes")]
    private static partial void LogSlow(ILogger logger);

    [LoggerMessage(
        EventId = EventIds.NodeRegistryRefresherFailed,
        Level = LogLevel.Error,
        Message = "reading the node registry failed; keeping the last nodes")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
