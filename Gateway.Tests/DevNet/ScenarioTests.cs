using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.ChainWatcher;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public class ScenarioTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_watcher_sees_two_rounds_of_a_networks_life_and_every_event_of_it()
    {
        var folder = Directory.CreateTempSubdirectory("scenario").FullName;
        await using (var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel))
        {
            await using var watcher = await WatcherUnderTest.StartAsync(
                network.ChainUrl, network.ChainWebSocketUrl, "--watcher.state-folder", folder);
            await watcher.IsReadyAsync();
            var steps = new List<string>();
            var scenario = new Scenario(
                network.Chain,
                network.Payer.Address,
                Scenario.OtherPayer,
                [.. network.Nodes.Select(node => node.Id)],
                steps.Add,
                TimeProvider.System);
            for (var round = 0; round < 2; round++) await scenario.PlayRoundAsync(TimeSpan.Zero, Cancel);

            // One deposit as the network starts, two in each round; the third of each round is taken back.
            await Eventually.IsAsync(
                async () => await watcher.EventsAsync("Deposit") == 5 && await watcher.EventsAsync("NodeAddedToCanonicalNetwork") == 4,
                "both rounds were seen, and what was taken back is gone");
            Assert.Equal(2, await watcher.EventsAsync("NodeRemovedFromCanonicalNetwork"));
            Assert.Equal(3, await watcher.EventsAsync("RatesUpdated"));
            Assert.Equal(4, await watcher.EventsAsync("PauseStatusUpdated"));
            Assert.Equal(4, await watcher.EventsAsync("PayerReportSubsetSettled"));
            Assert.Equal(2, await watcher.EventsAsync("WithdrawalCancelled"));
            Assert.Equal(200, await watcher.MetricAsync("xmtp_chain_envelope_range_total{originator_id=\"100\"}"));
            var balance = (await new PayerRegistryContract(network.Chain.Rpc, ChainAddresses.PayerRegistry)
                .GetBalanceAsync(network.Payer.Address, Cancel)).OrThrow();
            Assert.Equal(balance, new Microdollars((Int128)(await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars"))!.Value));
            Assert.Equal(30, steps.Count);
            Assert.Equal(
                0UL, (await network.Chain.Rpc.GetTransactionCountAsync(network.Payer.Address, BlockTag.Latest, Cancel)).OrThrow());
        }

        Directory.Delete(folder, recursive: true);
    }
}
