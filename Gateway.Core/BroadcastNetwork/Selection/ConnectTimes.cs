using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>The TCP connect time of each node, measured in the background and concurrently.</summary>
/// <remarks>
/// Measures only for the <c>closest</c> strategy: at every cache expiry, and at once when the set of nodes changes. An
/// unreachable node has no time until it is reachable.
/// </remarks>
public sealed class ConnectTimes(INodeRegistry registry, IOptions<BroadcastNetworkOptions> options, TimeProvider time) : BackgroundService
{
    private readonly ConcurrentDictionary<uint, TimeSpan> _times = new();

    // Capacity 1: however often the set changes during a measurement, one more follows.
    private readonly Channel<bool> _due = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The last measured time; null when there is none.</summary>
    public TimeSpan? Get(uint node) => _times.TryGetValue(node, out var measured) ? measured : null;

    /// <summary>
    /// Measures the current nodes now, concurrently; ends when each has connected, refused, or exceeded the connect timeout.
    /// </summary>
    public async Task MeasureAsync(CancellationToken cancellationToken)
    {
        var nodes = registry.Current;
        await Task.WhenAll(nodes.Nodes.Select(node => MeasureAsync(node, cancellationToken))).ConfigureAwait(false);
        foreach (var id in _times.Keys)
            if (!nodes.TryGet(id, out _))
                _times.TryRemove(id, out _);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        registry.Changed += Ask;
        using var timer = time.CreateTimer(_ => _due.Writer.TryWrite(true), null, TimeSpan.Zero, options.Value.NodeSelectorCacheExpiry);
        try
        {
            await foreach (var _ in _due.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
            {
                // A payer may change to it while it serves.
                if (options.Value.NodeSelectorStrategy == "closest") await MeasureAsync(stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway is stopping.
        }
        finally
        {
            registry.Changed -= Ask;
        }
    }

    private void Ask(NodeSet changed) => _due.Writer.TryWrite(true);

    private async Task MeasureAsync(NetworkNode node, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Value.NodeSelectorConnectTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var client = new TcpClient();
            var started = time.GetTimestamp();
            await client.ConnectAsync(node.Address.DnsSafeHost, node.Address.Port, linked.Token).ConfigureAwait(false);
            _times[node.Id] = time.GetElapsedTime(started);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            if (!cancellationToken.IsCancellationRequested) _times.TryRemove(node.Id, out _);
        }
    }
}
