using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>
/// Watches the nodes of the registry while this watcher leads. The registry is read at each refresh interval, and when the
/// chain shows a change of it: new nodes are added, moved ones are followed to their address, others are dropped.
/// </summary>
internal sealed partial class NetworkWatch(
    NetworkReader reader,
    NetworkCursors cursors,
    RegistryChanges changes,
    IOptions<ContractsOptions> contracts,
    IOptions<WatcherOptions> options,
    TimeProvider time,
    ILoggerFactory loggers) : ILeaderPart
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxRetry = TimeSpan.FromMinutes(1);
    private readonly ILogger _logger = loggers.CreateLogger<NetworkWatch>();
    private readonly ILogger<NodeSubscriber> _ofNodes = loggers.CreateLogger<NodeSubscriber>();

    /// <inheritdoc/>
    public async Task RunAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var running = new Dictionary<uint, RunningNode>();
            try
            {
                await FollowAsync(running, stoppingToken);
            }
#pragma warning disable CA1031 // After any error, the network is watched again, and the chains are followed meanwhile.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(_logger, exception);
            }
            catch (OperationCanceledException)
            {
                // Another watcher leads, or the host is stopping.
            }
            finally
            {
                foreach (var node in running.Values) await node.DisposeAsync();
                cursors.Clear();
            }

            await Task.Delay(FirstRetry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(Dictionary<uint, RunningNode> running, CancellationToken stoppingToken)
    {
        var interval = contracts.Value.SettlementChain.NodeRegistryRefreshInterval;
        // With a long interval too, a registry that can be read again is found soon, and the count of failures grows while it cannot.
        var retry = new ReconnectPause(
            FirstRetry < interval ? FirstRetry : interval, MaxRetry < interval ? MaxRetry : interval);
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = interval;
            if (await reader.ReadAsync(stoppingToken) is { } network)
            {
                retry.Reset();
                await FollowAsync(network, running);
            }
            else if (!stoppingToken.IsCancellationRequested)
            {
                cursors.CountRegistryError();
                pause = retry.Next();
            }

            await changes.WaitAsync(pause, time, stoppingToken);
        }
    }

    private async Task FollowAsync(RegisteredNetwork network, Dictionary<uint, RunningNode> running)
    {
        var wanted = network.Nodes.ToDictionary(node => node.Id);
        foreach (var (id, node) in running.ToList())
        {
            if (wanted.GetValueOrDefault(id) == node.Node) continue;
            running.Remove(id);
            await node.DisposeAsync();
            cursors.SetDown(id, reason: null);
            if (wanted.TryGetValue(id, out var moved)) LogMoved(_logger, id, RedactedUrl.Of(moved.Address));
            else LogDropped(_logger, id);
        }

        // Before the first cursor of a new node arrives, and after the last one of a node that left.
        cursors.SetNetwork(network);
        foreach (var (id, node) in wanted)
        {
            if (running.ContainsKey(id)) continue;
            LogAdded(_logger, id, RedactedUrl.Of(node.Address));
            running[id] = new RunningNode(node, new NodeSubscriber(node, cursors, options.Value, time, _ofNodes));
        }
    }

    [LoggerMessage(EventIds.NetworkWatchAdded, LogLevel.Information, "node {Node} is watched at {Address}")]
    private static partial void LogAdded(ILogger logger, uint node, string address);

    [LoggerMessage(EventIds.NetworkWatchMoved, LogLevel.Information, "node {Node} has another address in the registry: {Address}")]
    private static partial void LogMoved(ILogger logger, uint node, string address);

    [LoggerMessage(EventIds.NetworkWatchDropped, LogLevel.Information, "node {Node} left the network and is not watched any more")]
    private static partial void LogDropped(ILogger logger, uint node);

    [LoggerMessage(EventIds.NetworkWatchFailed, LogLevel.Error, "watching the network failed; retrying")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    private sealed class RunningNode : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _running;

        public RunningNode(WatchedNode node, NodeSubscriber subscriber)
        {
            Node = node;
            var stop = _stopping.Token;
            _running = Task.Run(() => subscriber.RunAsync(stop), CancellationToken.None);
        }

        public WatchedNode Node { get; }

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _running;
            _stopping.Dispose();
        }
    }
}
