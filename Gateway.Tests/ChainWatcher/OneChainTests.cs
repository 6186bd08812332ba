using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>A chain that is both App Chain and settlement chain, behind one URL.</summary>
public sealed class OneChainTests : OnItsOwnChain
{
    private bool _isPaused;

    [Fact]
    public async Task It_is_read_once_with_one_subscription_and_each_event_belongs_to_its_chain()
    {
        await HappenAsync();
        var (subscribed, asked) = (new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var proxy = await RpcProxy.StartAsync(Fixture.Anvil.HttpUrl);
        proxy.SocketFault = (method, parameters) =>
        {
            if (method == "eth_subscribe") subscribed.Enqueue(parameters[0].GetString()!);
            return null;
        };
        proxy.Fault = (method, parameters, forward) =>
        {
            if (method == "eth_getLogs") asked.Enqueue(parameters.GetRawText());
            return RpcProxy.Pass(forward);
        };
        await using var watcher = await WatcherUnderTest.StartAsync(proxy.Url, proxy.WebSocketUrl, "--watcher.state-folder", Folder);
        await watcher.IsReadyAsync();
        await HappenAsync();
        await Eventually.IsAsync(async () => await watcher.EventsAsync("Deposit") == 2, "both deposits are counted");
        await Eventually.IsAsync(async () => await watcher.EventsAsync("PauseStatusUpdated") == 2, "both pauses are counted");

        foreach (var chain in (string[])["app-chain", "settlement-chain"])
            Assert.Equal(1, await watcher.WatchMetricAsync($"xmtp_chain_watcher_live{{chain=\"{chain}\"}}"));
        Assert.Equal(["logs", "newHeads"], subscribed.Order(StringComparer.Ordinal));
        Assert.All(asked, filter =>
        {
            Assert.Contains(ChainAddresses.GroupMessageBroadcaster.ToString(), filter, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(ChainAddresses.PayerRegistry.ToString(), filter, StringComparison.OrdinalIgnoreCase);
        });
        Assert.Equal(["PauseStatusUpdated", "PauseStatusUpdated"], await TypesAsync(watcher, "app-chain"));
        Assert.Equal(["Deposit", "Deposit"], await TypesAsync(watcher, "settlement-chain"));
        Assert.Single(watcher.LinesOf(8001));
        Assert.Contains("both chains", (await watcher.GetAsync("/readyz")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_change_from_two_endpoints_to_one_and_back_counts_nothing_twice_and_loses_nothing()
    {
        await using var proxy = await RpcProxy.StartAsync(Fixture.Anvil.HttpUrl);
        for (var round = 1; round <= 4; round++)
        {
            await HappenAsync();
            var appChain = round % 2 == 1 ? proxy.Url : Fixture.Anvil.HttpUrl;
            await using var watcher = await WatcherUnderTest.StartAsync(
                Fixture.Anvil.HttpUrl, null, "--contracts.app-chain.rpc-url", appChain.ToString(), "--watcher.state-folder", Folder);
            await watcher.IsReadyAsync();
            Assert.Equal(round, await watcher.EventsAsync("PauseStatusUpdated"));
            Assert.Equal(round, await watcher.EventsAsync("Deposit"));
            Assert.Equal(round, await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars"));
            Assert.Equal(round % 2 == 1 ? 2 : 1, watcher.LinesOf(8001).Count);
        }
    }

    [Fact]
    public async Task Events_from_before_the_first_block_of_their_chain_are_not_counted()
    {
        await HappenAsync();
        var head = (await Fixture.Rpc.GetBlockNumberAsync(Cancel)).OrThrow();
        await using var watcher = await WatcherUnderTest.StartAsync(
            Fixture.Anvil.HttpUrl, null, "--contracts.app-chain.deployment-block", $"{head + 1}", "--watcher.state-folder", Folder);
        await HappenAsync();
        await Eventually.IsAsync(async () => await watcher.EventsAsync("Deposit") == 2, "both deposits are counted");
        Assert.Equal(1, await watcher.EventsAsync("PauseStatusUpdated"));
    }

    // One event of each chain.
    private async Task HappenAsync()
    {
        _isPaused = !_isPaused;
        await Fixture.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, _isPaused, Cancel);
        await Fixture.Chain.DepositAsync(DevAccounts.Signer(1).Address, new Microdollars(1), Cancel);
    }

    private static async Task<IEnumerable<string>> TypesAsync(WatcherUnderTest watcher, string chain) =>
        (await watcher.JsonAsync($"/v1/history?chain={chain}")).GetProperty("events").EnumerateArray()
            .Select(entry => entry.GetProperty("type").GetString()!).ToList();
}
