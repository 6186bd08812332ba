using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a scrape shows while history is read again: nothing that Prometheus could take for new events.</summary>
public sealed class ReplayTests : OnItsOwnChain
{
    private const string Deposits = "xmtp_chain_events_processed_total{event_type=\"Deposit\"}";

    [Fact]
    public async Task Counters_are_hidden_during_a_replay_and_continue_afterwards()
    {
        for (var amount = 1; amount <= 3; amount++)
            await Fixture.Chain.DepositAsync(DevAccounts.Signer(1).Address, new Microdollars(amount), Cancel);
        await Fixture.Chain.SubmitReportAsync(100, 0, 10, 1, Bytes32.Parse("0x" + new string('a', 64)), [100], [100], Cancel);
        await Fixture.Chain.SettleReportAsync(100, 0, 1, [(DevAccounts.Signer(1).Address, new Microdollars(7))], Cancel);
        await Fixture.Chain.MineAsync(300, Cancel);
        IReadOnlyList<string> before;
        await using (var watcher = await StartAsync(Fixture.Anvil.HttpUrl))
        {
            await watcher.IsReadyAsync();
            before = await watcher.FiguresAsync();
            Assert.Equal(3, await watcher.MetricAsync(Deposits));
        }

        await AgeAsync();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var proxy = await RpcProxy.StartAsync(Fixture.Anvil.HttpUrl);
        proxy.Fault = async (method, parameters, forward) =>
        {
            if (method == "eth_getLogs" && parameters[0].TryGetProperty("fromBlock", out var first) && RpcValue.UInt64(first) >= 100)
                await held.Task.WaitAsync(Cancel);
            return await forward();
        };

        // The second one goes on from a checkpoint in the middle of history.
        for (var start = 1; start <= 2; start++)
        {
            await using var upgraded = await StartAsync(proxy.Url);
            await Eventually.IsAsync(
                async () => await upgraded.GetAsync("/v1/history?type=Deposit") is (200, var body)
                    && JsonNode.Parse(body)!["events"]!.AsArray().Count == 3,
                "history is read as far as the deposits");
            Assert.Empty(await upgraded.FiguresAsync());
            Assert.NotNull(await upgraded.WatchMetricAsync("xmtp_chain_watcher_blocks_behind{chain=\"settlement-chain\"}"));
        }

        held.SetResult();
        await using var last = await StartAsync(proxy.Url);
        await last.IsReadyAsync();
        Assert.Equal(WithoutAges(before), WithoutAges(await last.FiguresAsync()));
    }

    // As if an earlier release had written it, without what the figures of this one need.
    private async Task AgeAsync()
    {
        var file = Path.Combine(Folder, "settlement-chain.json");
        var checkpoint = JsonNode.Parse(await File.ReadAllTextAsync(file, Cancel))!;
        checkpoint["Of"] = "1" + checkpoint["Of"]!.GetValue<string>()[1..];
        await File.WriteAllTextAsync(file, checkpoint.ToJsonString(), Cancel);
    }

    private Task<WatcherUnderTest> StartAsync(Uri rpc) => WatcherUnderTest.StartWithAsync(
    [
        "--contracts.environment", "anvil", "--rpc-url", rpc.ToString(), "--metrics.metrics-port", "0",
        "--watcher.state-folder", Folder, "--watcher.payer-address", DevAccounts.Signer(1).Address.ToString(),
        "--contracts.settlement-chain.backfill-block-page-size", "10",
    ]);

    private static IEnumerable<string> WithoutAges(IReadOnlyList<string> figures) =>
        figures.Where(line => !line.StartsWith("xmtp_chain_time_since_last_submission_seconds", StringComparison.Ordinal));
}
