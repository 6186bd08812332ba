using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public class DevNetPartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_chain_and_its_nodes_can_run_apart_and_find_each_other()
    {
        await using var chain = await DevNetwork.StartAsync(new DevNetOptions { Only = DevNetPart.Chain }, Cancel);
        Assert.False(chain.HasGateway);
        Assert.Empty(chain.Nodes);
        Assert.Equal(
            1ul, (await new RateRegistryContract(chain.Chain.Rpc, ChainAddresses.RateRegistry).GetRatesCountAsync(Cancel)).OrThrow());

        await using var nodes = await DevNetwork.StartAsync(new DevNetOptions { Only = DevNetPart.Nodes, Chain = chain.ChainUrl }, Cancel);
        Assert.False(nodes.HasGateway);
        var registered = (await new NodeRegistryContract(
            chain.Chain.Rpc, ChainAddresses.NodeRegistry).GetCanonicalNodesAsync(Cancel)).OrThrow();
        Assert.Equal(
            nodes.Nodes.Select(node => node.Address.GetLeftPart(UriPartial.Authority)), registered.Select(node => node.HttpAddress));
    }

    [Fact]
    public async Task A_part_says_ready_in_the_same_form_and_ends_as_cleanly()
    {
        await using var box = DevNetProcess.Start("--only", "chain", "--chain-port", "0");
        var lines = await box.ReadUntilAsync(line => line.StartsWith("Ctrl-C", StringComparison.Ordinal), Cancel);
        Assert.StartsWith("ready gateway=off web=off metrics=off chain=http://127.0.0.1:", lines[0], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("curl", StringComparison.Ordinal));
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Fact]
    public async Task The_chain_and_the_nodes_listen_where_host_says_and_are_registered_there()
    {
        // Every address of 127.0.0.0/8 is this machine's, on Linux alone.
        var host = OperatingSystem.IsLinux() ? "127.0.0.2" : "127.0.0.1";
        await using var box = DevNetProcess.Start("--port-base", "0", "--host", host, "--nodes", "1");
        var ready = (await box.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1];
        Assert.Contains("ready gateway=http://127.0.0.1:", ready, StringComparison.Ordinal);
        Assert.Contains($" chain=http://{host}:", ready, StringComparison.Ordinal);
        Assert.Contains($" nodes=http://{host}:", ready, StringComparison.Ordinal);
        Assert.Equal(0, await box.SignalAsync("TERM", Cancel));
    }

    [Theory]
    [InlineData("--host: expected an address of this machine", "--host", "localhost")]
    [InlineData("--host: expected an address of this machine", "--host", "0.0.0.0")]
    [InlineData("--only: expected chain or nodes", "--only", "gateway")]
    [InlineData("--only nodes: --chain says where their chain is", "--only", "nodes")]
    [InlineData("--only chain: --chain names one that runs already", "--only", "chain", "--chain", "http://127.0.0.1:1")]
    public async Task Contradicting_settings_are_reported(string fault, params string[] arguments)
    {
        await using var box = DevNetProcess.Start(arguments);
        Assert.Equal(2, await box.WaitAsync(Cancel));
        Assert.Contains(fault, box.Errors, StringComparison.Ordinal);
    }
}
