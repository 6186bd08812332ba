using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Publishing;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The running parts of a node between a start and its end: its port, its worker, and its followers.</summary>
internal sealed class NodeRun : IAsyncDisposable
{
    private readonly NodeState _node;
    private readonly WebApplication _host;
    private readonly NodeConnections _connections;
    private readonly SeenOriginators _seen;
    private readonly AppChainIndexer? _indexer;
    private readonly PublishWorker _worker;
    private readonly List<PeerFollower> _followed = [];

    private NodeRun(NodeState node, WebApplication host, NodeConnections connections, SeenOriginators seen, AppChainIndexer? indexer)
    {
        _node = node;
        _host = host;
        _connections = connections;
        _seen = seen;
        _indexer = indexer;
        _worker = new PublishWorker(node);
    }

    public IServiceProvider Services => _host.Services;

    /// <summary>Starts a node; it serves requests when the task completes.</summary>
    /// <param name="node">The node's state.</param>
    /// <param name="port">The port to listen on.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<NodeRun> StartAsync(NodeState node, GatewayPort port, CancellationToken cancellationToken)
    {
        var (chain, connections, seen) = (new ChainView(), new NodeConnections(), new SeenOriginators(node.Store, node.Faults));
        var host = NodeHost.Build(node, port, connections, chain, seen);
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch
        {
            await host.DisposeAsync();
            await seen.DisposeAsync();
            throw;
        }

        chain.Indexer = node.Options.AppChain is { } url ? new AppChainIndexer(node, url) : null;
        var run = new NodeRun(node, host, connections, seen, chain.Indexer);
        foreach (var peer in node.Peers) run.Follow(peer);
        return run;
    }

    /// <summary>Replicates the envelopes that another node originates.</summary>
    public void Follow(NodePeer peer)
    {
        lock (_followed) _followed.Add(new PeerFollower(_node, peer));
    }

    /// <summary>Stops it like a kill: connections are reset, calls get no response.</summary>
    public async Task KillAsync()
    {
        _connections.Abort();
        await _worker.DisposeAsync();
        await StopFollowingAsync();
        await StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>Ends streams, waits a few seconds at most for running calls, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopFollowingAsync();
        await StopAsync(CancellationToken.None);
        await _worker.DisposeAsync();
    }

    private async Task StopFollowingAsync()
    {
        if (_indexer is not null) await _indexer.DisposeAsync();
        List<PeerFollower> all;
        lock (_followed) all = [.. _followed];
        foreach (var peer in all) await peer.DisposeAsync();
        await _seen.DisposeAsync();
    }

    private async Task StopAsync(CancellationToken hurry)
    {
        try
        {
            await _host.StopAsync(hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            // The stop did not wait for calls.
        }

        await _host.DisposeAsync();
    }
}
