using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

/// <summary>The local network on a given chain whose contracts are as strict as the real ones.</summary>
public class StrictContractsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_sets_itself_up_and_publishes()
    {
        await using var anvil = await StartAsync();

        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Chain = anvil.HttpUrl, EnforceBalance = true }, Cancel);

        Assert.Empty(network.Notes);
        await AssertInRegistryAsync(anvil, network);
        var balance = await new PayerRegistryContract(anvil.Rpc, ChainAddresses.PayerRegistry).GetBalanceAsync(
            network.Payer.Address, Cancel);
        Assert.Equal(new Microdollars(1_000_000_000), balance.OrThrow());
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        Assert.Equal(3, (await client.PublishAsync(
            Envelopes.Welcome(), Envelopes.Commit(), Envelopes.Identity())).OriginatorEnvelopes.Count);
    }

    [Fact]
    public async Task Its_nodes_are_there_again_after_a_restart_at_other_ports_and_those_that_left_are_back()
    {
        await using var anvil = await StartAsync();
        var options = new DevNetOptions { Only = DevNetPart.Nodes, Chain = anvil.HttpUrl };
        await using (await DevNetwork.StartAsync(options, Cancel)) await new DevChain(anvil.Rpc).RemoveFromNetworkAsync(200, Cancel);

        await using var again = await DevNetwork.StartAsync(options with { Nodes = 3 }, Cancel);

        Assert.Empty(again.Notes);
        await AssertInRegistryAsync(anvil, again);
    }

    [Fact]
    public async Task An_id_that_is_registered_with_another_key_is_left_to_its_owner_and_noted()
    {
        await using var anvil = await StartAsync();
        await new DevChain(anvil.Rpc).RegisterNextNodeAsync(DevAccounts.Signer(3).PublicKey, "http://127.0.0.1:1", Cancel);

        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { Only = DevNetPart.Nodes, Chain = anvil.HttpUrl }, Cancel);

        Assert.StartsWith("node 100 belongs to another network on this chain (http://127.0.0.1:1)", Assert.Single(network.Notes));
        var nodes = (await new NodeRegistryContract(anvil.Rpc, ChainAddresses.NodeRegistry).GetCanonicalNodesAsync(Cancel)).OrThrow();
        Assert.Equal(["http://127.0.0.1:1/", $"{network.Nodes[1].Address}"], nodes.Select(node => $"{new Uri(node.HttpAddress)}"));
    }

    [Fact]
    public async Task A_network_whose_ids_are_all_registered_with_other_keys_notes_how_to_get_a_free_one()
    {
        await using var anvil = await StartAsync();
        await new DevChain(anvil.Rpc).RegisterNextNodeAsync(DevAccounts.Signer(3).PublicKey, "http://127.0.0.1:1", Cancel);

        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { Only = DevNetPart.Nodes, Nodes = 1, Chain = anvil.HttpUrl }, Cancel);

        Assert.Equal(2, network.Notes.Count);
        Assert.EndsWith("--nodes 2 starts one with a free id", network.Notes[1]);
    }

    private static async Task<Anvil> StartAsync()
    {
        var anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        try
        {
            await StrictContracts.DeployAsync(anvil.Rpc, Cancel);
            return anvil;
        }
        catch
        {
            await anvil.DisposeAsync();
            throw;
        }
    }

    private static async Task AssertInRegistryAsync(Anvil anvil, DevNetwork network)
    {
        var nodes = (await new NodeRegistryContract(anvil.Rpc, ChainAddresses.NodeRegistry).GetCanonicalNodesAsync(Cancel)).OrThrow();
        Assert.Equal(
            network.Nodes.Select(node => (node.Id, node.Address)),
            nodes.Select(node => (node.NodeId, new Uri(node.HttpAddress))));
    }
}
