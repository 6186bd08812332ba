using Grpc.Net.Client;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>Real nodes that replicate each other's envelopes, and are in the registry of a chain.</summary>
internal sealed class NodesUnderWatch : IAsyncDisposable
{
    private readonly Dictionary<uint, DevNode> _nodes = [];
    private byte _seed;

    public DevNode this[uint id] => _nodes[id];

    /// <summary>Starts the nodes of these ids, and registers them.</summary>
    public static async Task<NodesUnderWatch> StartAsync(DevChain chain, params uint[] ids)
    {
        var nodes = new NodesUnderWatch();
        foreach (var id in ids)
        {
            var node = await nodes.StartAsync(id);
            await chain.RegisterNodeAsync(id, node.PublicKey, node.Address, TestContext.Current.CancellationToken);
        }

        return nodes;
    }

    /// <summary>Starts one more, which no registry has.</summary>
    public async Task<DevNode> StartAsync(uint id)
    {
        var node = await DevNode.StartAsync(new DevNodeOptions { NodeId = id }, TestContext.Current.CancellationToken);
        foreach (var other in _nodes.Values)
        {
            node.Follow(other.AsPeer());
            other.Follow(node.AsPeer());
        }

        return _nodes[id] = node;
    }

    /// <summary>Publishes messages to one of them.</summary>
    public async Task PublishAsync(uint id, int messages = 1)
    {
        using var channel = GrpcChannel.ForAddress(_nodes[id].Address);
        var client = new PublishApi.PublishApiClient(channel);
        for (var i = 0; i < messages; i++)
        {
            await client.PublishPayerEnvelopesAsync(
                Payers.Request(Payers.Sign(Envelopes.Welcome(++_seed), id)), cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes.Values) await node.DisposeAsync();
    }
}
