using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class NodeRegistryTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private readonly NodeRegistryContract _registry = new(chain.Rpc, ChainAddresses.NodeRegistry);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_registered_node_is_read_back_as_it_was_written()
    {
        var key = DevAccounts.Signer(1);
        await chain.Chain.RegisterNodeAsync(100, key.PublicKey, new Uri("http://127.0.0.1:5061"), Cancel);

        var node = Assert.Single((await _registry.GetAllNodesAsync(Cancel)).OrThrow(), node => node.NodeId == 100);

        Assert.Equal(key.Address, node.Signer);
        Assert.True(node.IsCanonical);
        Assert.Equal(key.PublicKey.ToArray(), node.SigningPublicKey.ToArray());
        Assert.Equal("http://127.0.0.1:5061", node.HttpAddress);
        Assert.Equal(node.Signer, (await _registry.GetNodeAsync(100, Cancel)).OrThrow().Signer);
    }

    [Fact]
    public async Task A_node_that_is_not_part_of_the_network_is_known_but_not_canonical()
    {
        await chain.Chain.AddNodeAsync(200, DevAccounts.Signer(2).PublicKey, "http://127.0.0.1:5062", Cancel);
        await chain.Chain.RegisterNodeAsync(300, DevAccounts.Signer(3).PublicKey, new Uri("http://127.0.0.1:5063"), Cancel);
        await chain.Chain.RemoveFromNetworkAsync(300, Cancel);

        var all = (await _registry.GetAllNodesAsync(Cancel)).OrThrow();
        var canonical = (await _registry.GetCanonicalNodesAsync(Cancel)).OrThrow();

        Assert.Contains(all, node => node.NodeId == 200);
        Assert.Contains(all, node => node.NodeId == 300);
        Assert.DoesNotContain(canonical, node => node.NodeId is 200 or 300);
    }

    [Fact]
    public async Task Every_change_is_an_event_that_names_the_node()
    {
        var key = DevAccounts.Signer(0).PublicKey;
        var added = await chain.Chain.AddNodeAsync(400, key, "http://a", Cancel);
        var joined = await chain.Chain.AddToNetworkAsync(400, Cancel);
        var moved = await chain.Chain.SetHttpAddressAsync(400, "http://b", Cancel);
        var left = await chain.Chain.RemoveFromNetworkAsync(400, Cancel);

        Bytes32[] topics = [.. new[] { added, joined, moved, left }.Select(receipt => Assert.Single(receipt.Logs).Topics[0])];
        Assert.Equal(
            [
                NodeRegistryContract.NodeAddedTopic,
                NodeRegistryContract.NodeAddedToCanonicalNetworkTopic,
                NodeRegistryContract.HttpAddressUpdatedTopic,
                NodeRegistryContract.NodeRemovedFromCanonicalNetworkTopic,
            ],
            topics);
        Assert.All(new[] { added, joined, moved, left }, receipt =>
        {
            Assert.True(NodeRegistryContract.TryReadNodeId(receipt.Logs[0], out var id));
            Assert.Equal(400u, id);
        });
    }

    [Fact]
    public async Task A_node_that_does_not_exist_is_refused_in_words()
    {
        var error = (await _registry.GetNodeAsync(999, Cancel)).Error;

        Assert.Equal(RpcErrorKind.Reverted, error?.Kind);
        Assert.Equal("getNode", error!.Method);
        Assert.Equal("there is no such node", RevertReason.Of(error.Data));
    }

    [Fact]
    public async Task An_address_without_a_contract_is_distinguished_from_an_empty_list()
    {
        var nowhere = new NodeRegistryContract(chain.Rpc, DevAccounts.Administrator);

        var error = (await nowhere.GetAllNodesAsync(Cancel)).Error;

        Assert.Equal(RpcErrorKind.Malformed, error?.Kind);
        Assert.Contains("is not this contract", error!.Message, StringComparison.Ordinal);
    }
}
