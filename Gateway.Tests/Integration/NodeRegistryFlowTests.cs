using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>What the registry contract says is what clients are told and where their messages go.</summary>
public class NodeRegistryFlowTests
{
    [Fact]
    public async Task A_node_that_leaves_the_registry_is_not_used_after_a_refresh_until_it_returns()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 3 }, cancellationToken);
        var registry = network.GatewayServices.GetRequiredService<INodeRegistry>();
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        Assert.Equal([100u, 200u, 300u], await IdsAsync(client));

        await network.Chain.RemoveFromNetworkAsync(200, cancellationToken);
        await registry.RefreshAsync(cancellationToken);
        Assert.Equal([100u, 300u], await IdsAsync(client));
        var before = network.Nodes[1].Store.OfOriginator(200).Count;
        var answer = await client.PublishAsync([.. Enumerable.Range(0, 40).Select(i => Envelopes.Welcome((byte)(i * 6)))]);
        Assert.Equal([100u, 300u], answer.OriginatorEnvelopes.Select(Originator).Distinct().Order());
        Assert.Equal(before, network.Nodes[1].Store.OfOriginator(200).Count);

        await network.Chain.AddToNetworkAsync(200, cancellationToken);
        await registry.RefreshAsync(cancellationToken);
        Assert.Equal([100u, 200u, 300u], await IdsAsync(client));
    }

    private static uint Originator(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorNodeId;

    private static async Task<IEnumerable<uint>> IdsAsync(GatewayClient client) => (await client.GetNodesAsync()).Nodes.Keys.Order();
}
