using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Nethereum.KeyStore;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public class DevNetworkTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_port_base_lays_out_all_ports()
    {
        Assert.Equal(new DevNetPorts(5050, 5055, 8008, 8545, 5061, 5070), DevNetPorts.Documented);
        Assert.Equal(new DevNetPorts(7000, 7005, 7008, 7009, 7011, 7020), DevNetPorts.From(7000));
        Assert.Equal(7013, DevNetPorts.From(7000).Node(2));
        Assert.Equal([7019, 7021], new[] { 8, 9 }.Select(DevNetPorts.From(7000).Node));
        Assert.Equal(DevNetPorts.Free with { Page = 0 }, DevNetPorts.From(0));
        Assert.Equal(0, DevNetPorts.Free.Node(3));
    }

    [Fact]
    public async Task Every_taken_port_is_named_at_once_and_nothing_is_started()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        var (chain, node) = (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
        var error = await Assert.ThrowsAsync<DevNetException>(
            () => DevNetwork.StartAsync(
                new DevNetOptions { Nodes = 1, Ports = DevNetPorts.Free with { Chain = chain, FirstNode = node } }, Cancel));
        Assert.Contains($"port {chain} (chain) is taken", error.Message);
        Assert.Contains($"port {node} (node 100) is taken", error.Message);
        Assert.Contains("--port-base", error.Message);
    }

    [Fact]
    public async Task A_start_that_fails_at_its_last_step_leaves_no_chain_behind()
    {
        var port = FreePort.Next();
        var options = new DevNetOptions
        {
            Ports = DevNetPorts.Free with { Chain = port },
            GatewayArguments = ["--payer.node-selector-strategy=none-of-them"],
        };
        await Assert.ThrowsAsync<GatewayStartException>(() => DevNetwork.StartAsync(options, Cancel));
        using var socket = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await socket.ConnectAsync("127.0.0.1", port, Cancel));
    }

    [Theory]
    [InlineData("--payer.private-key={0}")]
    [InlineData("--payer.private-key", "{0}")]
    [InlineData("--payer.private-key-file={1}")]
    [InlineData("--payer.keystore-file={2}", "--payer.keystore-password-file={3}")]
    public async Task The_payer_of_the_gateways_flags_has_the_deposit_and_pays(params string[] flags)
    {
        var key = new string('7', 64);
        Assert.True(PrivateKeySigner.TryParse(key, out var payer));
        var encrypted = new KeyStoreScryptService().EncryptAndGenerateKeyStoreAsJson(
            "secret", Convert.FromHexString(key), $"{payer.Address}");
        string[] files = [await WriteAsync(key), await WriteAsync(encrypted), await WriteAsync("secret")];
        var options = new DevNetOptions
        {
            Nodes = 1,
            EnforceBalance = true,
            GatewayArguments = [.. flags.Select(flag => string.Format(CultureInfo.InvariantCulture, flag, [key, .. files]))],
        };
        await using var network = await DevNetwork.StartAsync(options, Cancel);
        foreach (var file in files) File.Delete(file);
        Assert.Equal(payer.Address, network.Payer.Address);
        Assert.Contains($"payer {payer.Address}", Announcement.Details(network));
        var balances = new PayerRegistryContract(network.Chain.Rpc, ChainAddresses.PayerRegistry);
        Assert.True((await balances.GetBalanceAsync(payer.Address, Cancel)).OrThrow() > default(Microdollars));
        Assert.Equal(default, (await balances.GetBalanceAsync(DevAccounts.Signer(1).Address, Cancel)).OrThrow());
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        Assert.Equal(2, (await client.PublishAsync(Envelopes.Welcome(), Envelopes.Commit())).OriginatorEnvelopes.Count);
    }

    private static async Task<string> WriteAsync(string text)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text, Cancel);
        return file;
    }

    [Fact]
    public async Task With_a_block_time_the_chain_mines_by_the_clock_and_mixed_also_at_once()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { BlockTime = TimeSpan.FromSeconds(1) }, Cancel);
        async Task<ulong> HeadAsync() => (await network.Chain.Rpc.GetBlockAsync(BlockTag.Latest, Cancel)).OrThrow()!.Number;
        var head = await HeadAsync();
        await Eventually.IsAsync(async () => await HeadAsync() >= head + 2, "blocks without a transaction");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        Assert.Single((await client.PublishAsync(Envelopes.Commit())).OriginatorEnvelopes);

        await using var mixed = await DevNetwork.StartAsync(
            new DevNetOptions { BlockTime = TimeSpan.FromHours(1), MixedMining = true }, Cancel);
        using var other = new GatewayClient(mixed.Gateway, Speaks.Grpc);
        Assert.Single((await other.PublishAsync(Envelopes.Commit())).OriginatorEnvelopes);
    }

    [Fact]
    public async Task A_chain_that_has_the_contracts_is_used_unchanged_and_outlives_the_network()
    {
        await using var first = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 1 }, Cancel);
        await using (var second = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 2, Chain = first.ChainUrl }, Cancel))
        {
            Assert.Empty(second.Notes);
            using var client = new GatewayClient(second.Gateway, Speaks.Grpc);
            var nodes = (await client.GetNodesAsync()).Nodes;
            Assert.Equal(
                second.Nodes.ToDictionary(node => node.Id, node => node.Address),
                nodes.ToDictionary(node => node.Key, node => new Uri(node.Value)));
            Assert.Single((await client.PublishAsync(Envelopes.Welcome())).OriginatorEnvelopes);
        }

        Assert.Equal(31337ul, (await first.Chain.Rpc.GetChainIdAsync(Cancel)).OrThrow());
    }

    [Fact]
    public async Task A_removed_node_is_added_again_at_its_new_address_by_an_administrator()
    {
        await using var chain = await DevNetwork.StartAsync(new DevNetOptions { Only = DevNetPart.Chain }, Cancel);
        var options = new DevNetOptions { Only = DevNetPart.Nodes, Nodes = 2, Chain = chain.ChainUrl };
        await using (await DevNetwork.StartAsync(options, Cancel)) await chain.Chain.RemoveFromNetworkAsync(200, Cancel);

        await using var again = await DevNetwork.StartAsync(options, Cancel);

        Assert.Empty(again.Notes);
        var nodes = (await new NodeRegistryContract(chain.Chain.Rpc, ChainAddresses.NodeRegistry).GetCanonicalNodesAsync(Cancel)).OrThrow();
        Assert.Equal(
            again.Nodes.Select(node => (node.Id, node.Address)),
            nodes.Select(node => (node.NodeId, new Uri(node.HttpAddress))));
    }

    [Fact]
    public async Task A_chain_without_the_contracts_is_refused()
    {
        await using var bare = await Xmtp.Gateway.DevNet.Chain.Anvil.StartAsync(new(), Cancel);
        var error = await Assert.ThrowsAsync<DevNetException>(
            () => DevNetwork.StartAsync(new DevNetOptions { Chain = bare.HttpUrl }, Cancel));
        Assert.Contains("no NodeRegistry", error.Message);
    }

    [Fact]
    public async Task A_chain_that_does_not_answer_is_refused()
    {
        var error = await Assert.ThrowsAsync<DevNetException>(
            () => DevNetwork.StartAsync(new DevNetOptions { Chain = new Uri($"http://127.0.0.1:{FreePort.Next()}") }, Cancel));
        Assert.Contains("does not answer", error.Message);
    }

    [Fact]
    public async Task Two_networks_run_side_by_side()
    {
        var networks = await Task.WhenAll(
            DevNetwork.StartAsync(new DevNetOptions(), Cancel), DevNetwork.StartAsync(new DevNetOptions(), Cancel));
        foreach (var network in networks)
        {
            await using (network)
            {
                using var client = new GatewayClient(network.Gateway, Speaks.ConnectJson);
                Assert.Single((await client.PublishAsync(Envelopes.KeyPackage())).OriginatorEnvelopes);
            }
        }
    }
}
