using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>How long a TCP connect to each node takes, measured in the background and all at once.</summary>
/// <remarks>Runs only for the <c>closest</c> strategy: every cache expiry, and at once when the set of nodes changes. A node that cannot be reached has no time until it can.</remarks>
public sealed class ConnectTimes(INodeRegistry registry, IOptions<PayerOptions> options, TimeProvider time) : BackgroundService
{
    private readonly ConcurrentDictionary<uint, TimeSpan> times = new();

    /// <summary>The last measured time; null when there is none.</summary>
    public TimeSpan? Get(uint node) => times.TryGetValue(node, out var measured) ? measured : null;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.NodeSelectorStrategy != "closest") return;
        using var wake = new SemaphoreSlim(1, 1);
        void Wake(NodeSet changed)
        {
            if (wake.CurrentCount == 0) wake.Release();
        }

        registry.Changed += Wake;
        try
        {
            using var timer = new PeriodicTimer(options.Value.NodeSelectorCacheExpiry, time);
            var tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            while (!stoppingToken.IsCancellationRequested)
            {
                await MeasureAsync(registry.Current, stoppingToken);
                if (await Task.WhenAny(tick, wake.WaitAsync(stoppingToken)) == tick && await tick)
                    tick = timer.WaitForNextTickAsync(stoppingToken).AsTask();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            registry.Changed -= Wake;
        }
    }

    private async Task MeasureAsync(NodeSet nodes, CancellationToken stopping)
    {
        await Task.WhenAll(nodes.Nodes.Select(node => MeasureAsync(node, stopping)));
        foreach (var id in times.Keys)
            if (!nodes.TryGet(id, out _))
                times.TryRemove(id, out _);
    }

    private async Task MeasureAsync(NetworkNode node, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(options.Value.NodeSelectorConnectTimeout);
        try
        {
            using var client = new TcpClient();
            var started = time.GetTimestamp();
            await client.ConnectAsync(node.Address.Host, node.Address.Port, limit.Token);
            times[node.Id] = time.GetElapsedTime(started);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            times.TryRemove(node.Id, out _);
        }
    }
}
