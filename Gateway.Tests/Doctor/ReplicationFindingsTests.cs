using System.Text.Json;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Doctor;
using Xmtp.Gateway.Tests.ChainWatcher;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Doctor;

/// <summary>What the doctor finds of nodes that do not have each other's envelopes, without a watcher.</summary>
public sealed class ReplicationFindingsTests : OnItsOwnChain
{
    [Fact]
    public async Task Nodes_that_have_each_other_s_envelopes_are_well_and_one_that_gets_none_is_a_warning_until_it_does()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200, 300);
        foreach (var id in new uint[] { 100, 200, 300 }) await nodes.PublishAsync(id);
        await Eventually.IsAsync(
            async () => await FindAsync("replication") == ("ok", "3 nodes have each other's envelopes"), "all is well");

        nodes[200].Faults = new NodeFaults { ReplicationStopped = true };
        await nodes.PublishAsync(100, 2);
        await nodes.PublishAsync(200, 3);

        await Eventually.IsAsync(
            async () => await FindAsync("node 200 replication")
                == ("warning", "no other node gets its envelopes: they lack up to 3; only its own readers see them"),
            "the node that does not replicate is named");
        await Eventually.IsAsync(
            async () => (await FindAllAsync()).LastOrDefault(finding => finding.Name == "node 200 replication").Found
                == ("warning", "it lacks 2 envelopes of node 100, and got none of them for 5 s; its readers miss them"),
            "the node that lacks envelopes is named");
        Assert.DoesNotContain(await FindAllAsync(), finding => finding.Name is "replication" or "node 100 replication");

        nodes[200].Faults = NodeFaults.None;
        await Eventually.IsAsync(
            async () => (await FindAllAsync()).Any(finding => finding is { Name: "replication", Found.Status: "ok" }), "all is well again");
    }

    [Fact]
    public async Task A_removed_node_is_excluded_from_the_comparison_and_named()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200, 300);
        await nodes.PublishAsync(100);
        await nodes[300].KillAsync();

        await Eventually.IsAsync(
            async () => await FindAsync("replication") == ("ok", "2 nodes have each other's envelopes; 300 did not show what they have"),
            "it is named");
        Assert.Equal("warning", (await FindAsync("node 300")).Status);
        await nodes[300].RestartAsync(Cancel);
    }

    private async Task<(string Status, string Detail)> FindAsync(string name) =>
        (await FindAllAsync()).FirstOrDefault(finding => finding.Name == name).Found;

    private async Task<IReadOnlyList<(string Name, (string Status, string Detail) Found)>> FindAllAsync()
    {
        await using var output = new StringWriter();
        await GatewayDoctor.RunAsync(
            [
                "--json",
                $"--payer.private-key={Convert.ToHexString(Envelopes.Id(32, 90))}",
                "--contracts.environment=anvil",
                "--contracts.start-timeout=3s",
                $"--contracts.app-chain.rpc-url={Fixture.Anvil.HttpUrl}",
                $"--contracts.settlement-chain.rpc-url={Fixture.Anvil.HttpUrl}",
            ],
            output);
        return
        [
            .. JsonElement.Parse(output.ToString()).GetProperty("checks").EnumerateArray()
                .Select(check => (Text(check, "name"), (Text(check, "status"), Text(check, "detail")))),
        ];
    }

    private static string Text(JsonElement check, string name) => check.GetProperty(name).GetString()!;
}
