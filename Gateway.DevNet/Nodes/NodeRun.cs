using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Publishing;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What of a node runs between a start and its end: its port, its worker, and what it follows.</summary>
internal sealed class NodeRun : IAsyncDisposable
{
    private readonly NodeState node;
    private readonly WebApplication host;
    private readonly NodeConnections connections;
    private readonly SeenOriginators seen;
    private readonly AppChainIndexer? indexer;
    private readonly PublishWorker worker;
    private readonly List<PeerFollower> followed = [];

    private NodeRun(NodeState node, WebApplication host, NodeConnections connections, SeenOriginators seen, AppChainIndexer? indexer)
    {
        (this.node, this.host, this.connections, this.seen, this.indexer) = (node, host, connections, seen, indexer);
        worker = new PublishWorker(node);
    }

    /// <summary>Its services.</summary>
    public IServiceProvider Services => host.Services;

    /// <summary>Starts; when the task ends it answers.</summary>
    /// <param name="node">What it has.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="cancellationToken">Ends the start.</param>
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

    /// <summary>Brings what another node originates.</summary>
    public void Follow(NodePeer peer)
    {
        lock (followed) followed.Add(new PeerFollower(node, peer));
    }

    /// <summary>Ends it as a kill does: connections are reset, calls get no answer.</summary>
    public async Task KillAsync()
    {
        connections.Abort();
        await worker.DisposeAsync();
        await StopFollowingAsync();
        await StopAsync(new CancellationToken(canceled: true));
    }

    /// <summary>Ends streams, lets running calls finish, for a few seconds at most, and closes the port.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopFollowingAsync();
        await StopAsync(CancellationToken.None);
        await worker.DisposeAsync();
    }

    private async Task StopFollowingAsync()
    {
        if (indexer is not null) await indexer.DisposeAsync();
        List<PeerFollower> all;
        lock (followed) all = [.. followed];
        foreach (var peer in all) await peer.DisposeAsync();
        await seen.DisposeAsync();
    }

    private async Task StopAsync(CancellationToken hurry)
    {
        try
        {
            await host.StopAsync(hurry);
        }
        catch (OperationCanceledException) when (hurry.IsCancellationRequested)
        {
            // It did not wait for calls.
        }

        await host.DisposeAsync();
    }
}
