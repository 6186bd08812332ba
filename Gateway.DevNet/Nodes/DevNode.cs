using System.Net;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Reading;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// A node of the Broadcast Network in this process, with a real port: it checks what real nodes check,
/// numbers and signs what it takes, follows the App Chain and the other nodes, and serves all of it to readers.
/// </summary>
public sealed class DevNode : IAsyncDisposable
{
    private readonly WebApplication host;
    private readonly PrivateKeySigner signer;
    private readonly ILogger logger;
    private readonly AppChainIndexer? indexer;
    private readonly List<PeerFollower> followed = [];

    private DevNode(DevNodeOptions options, IPEndPoint listens, PrivateKeySigner signer, EnvelopeStore store, WebApplication host)
    {
        (this.host, this.signer, logger) = (host, signer, options.Logs.CreateLogger<DevNode>());
        (Id, Store, Address) = (options.NodeId, store, new Uri($"http://{listens}"));
        indexer = options.AppChain is null ? null : new AppChainIndexer(store, options.AppChain, logger);
    }

    /// <summary>The originator id.</summary>
    public uint Id { get; }

    /// <summary>Where it answers, such as <c>http://127.0.0.1:5061</c>.</summary>
    public Uri Address { get; }

    /// <summary>The key that signs its envelopes: 65 bytes, uncompressed.</summary>
    public ReadOnlyMemory<byte> PublicKey => signer.PublicKey;

    /// <summary>The address of that key.</summary>
    public EthereumAddress Signer => signer.Address;

    /// <summary>What it keeps.</summary>
    public EnvelopeStore Store { get; }

    /// <summary>How many streams of clients are open here.</summary>
    public int Readers => host.Services.GetRequiredService<SubscribeService>().Readers;

    /// <summary>Starts a node; when the task ends it answers.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<DevNode> StartAsync(DevNodeOptions options, CancellationToken cancellationToken = default)
    {
        var (signer, store) = (NodeKey.Of(options.NodeId), options.Store ?? new EnvelopeStore());
        var chain = new ChainView();
        var port = new GatewayPort(new IPEndPoint(options.Host, options.Port));
        var host = NodeHost.Build(options, port, signer, store, chain);
        try
        {
            await host.StartAsync(cancellationToken);
            var node = new DevNode(options, port.EndPoint, signer, store, host);
            chain.Indexer = node.indexer;
            return node;
        }
        catch
        {
            await host.DisposeAsync();
            store.Dispose();
            throw;
        }
    }

    /// <summary>How other nodes know this one.</summary>
    public NodePeer AsPeer() => new(Id, Address, PublicKey);

    /// <summary>Brings what another node originates here, from now on and until this node stops.</summary>
    public void Follow(NodePeer peer)
    {
        lock (followed) followed.Add(new PeerFollower(Store, Id, peer, logger));
    }

    /// <summary>Ends streams, lets running calls finish, for a few seconds at most, and closes the port. May be called more than once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (indexer is not null) await indexer.DisposeAsync();
        foreach (var peer in Followed()) await peer.DisposeAsync();
        await host.StopAsync(CancellationToken.None);
        await host.DisposeAsync();
        Store.Dispose();
    }

    private List<PeerFollower> Followed()
    {
        lock (followed) return [.. followed];
    }
}
