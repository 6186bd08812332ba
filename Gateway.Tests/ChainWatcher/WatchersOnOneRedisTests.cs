using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Checkpoints;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.AppChain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

public sealed class WatchersOnOneRedisTests(RedisOfOne redis) : IClassFixture<RedisOfOne>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string[] OnRedis(
        string prefix) => ["--redis.redis-url", redis.Server.ConnectionString, "--redis.key-prefix", prefix, "--watcher.lease", "2s"];

    [Fact]
    public async Task A_standby_takes_over_from_the_leader_without_losing_or_repeating_an_event()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { GatewayArguments = OnRedis("pair:")[..4] }, Cancel);
        var registry = network.GatewayServices.GetRequiredService<INodeRegistry>();
        var one = await WatcherUnderTest.StartAsync(network.ChainUrl, network.ChainWebSocketUrl, OnRedis("pair:"));
        await one.IsReadyAsync();
        await using var other = await WatcherUnderTest.StartAsync(network.ChainUrl, network.ChainWebSocketUrl, OnRedis("pair:"));
        await Eventually.IsAsync(
            async () => (await other.GetAsync("/readyz")) is (200, var body) && body.Contains("standby", StringComparison.Ordinal),
            "the other stands by");
        Assert.Empty(await other.FiguresAsync());
        var before = await one.EventsAsync("Deposit");

        await network.Chain.RemoveFromNetworkAsync(200, Cancel);
        await Eventually.IsAsync(() => registry.Current.Nodes.Count == 1, "the gateway heard that a node left");
        for (var i = 0; i < 5; i++) await network.Chain.DepositAsync(network.Payer.Address, new Microdollars(1), Cancel);
        await one.DisposeAsync();
        for (var i = 0; i < 5; i++) await network.Chain.DepositAsync(network.Payer.Address, new Microdollars(1), Cancel);

        await other.IsReadyAsync();
        await Eventually.IsAsync(async () => await other.EventsAsync("Deposit") == before + 10, "all ten are counted, once");
        Assert.Equal(1, await other.EventsAsync("NodeRemovedFromCanonicalNetwork"));
    }

    [Fact]
    public async Task A_process_that_lost_the_lease_writes_nothing()
    {
        var store = new RedisStore(() => redis.Database, "{fence}", TimeSpan.FromSeconds(60), TimeProvider.System);
        await using var first = (await store.TryLeadAsync(Cancel))!;
        Assert.True(await first.SaveAsync("chain", "first", Cancel));
        Assert.Null(await store.TryLeadAsync(Cancel));

        // As if it had been asleep for longer than its lease.
        await redis.Database.HashSetAsync("{fence}:lease", "till", "0");
        await using var second = (await store.TryLeadAsync(Cancel))!;
        Assert.True(await second.SaveAsync("chain", "second", Cancel));

        Assert.False(await first.SaveAsync("chain", "late", Cancel));
        Assert.True(first.Lost.IsCancellationRequested);
        Assert.Equal("second", await second.LoadAsync("chain", Cancel));
        Assert.False(second.Lost.IsCancellationRequested);
    }

    [Fact]
    public async Task A_watcher_reports_a_Redis_outage_and_continues_after_it()
    {
        await using var chain = await StartChainAsync();
        await using var own = await RedisServer.StartAsync();
        await using var watcher = await WatcherUnderTest.StartAsync(
            chain.HttpUrl, chain.WebSocketUrl, "--redis.redis-url", own.ConnectionString, "--watcher.lease", "1s");
        await watcher.IsReadyAsync();

        await own.KillAsync();
        await Eventually.IsAsync(
            async () => (await watcher.GetAsync("/readyz")) is (503, var body)
                && body.Contains("Redis does not answer", StringComparison.Ordinal),
            "it says that Redis is unavailable");
        await new DevChain(chain.Rpc).DepositAsync(DevAccounts.Signer(1).Address, new Microdollars(3), Cancel);
        await own.RestartAsync();

        await watcher.IsReadyAsync();
        Assert.Equal(1, await watcher.EventsAsync("Deposit"));
    }

    [Fact]
    public async Task A_watcher_whose_Redis_will_never_serve_it_does_not_start()
    {
        await using var chain = await StartChainAsync();
        var fault = await Assert.ThrowsAsync<GatewayStartException>(
            () => WatcherUnderTest.StartAsync(
                chain.HttpUrl,
                chain.WebSocketUrl,
                "--redis.redis-url",
                $"redis://127.0.0.1:{redis.Server.Port}/99"));
        Assert.Contains(
            "--redis.redis-url (XMTPD_REDIS_URL): the store has no database of that number", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_on_checkpoints_that_a_later_release_wrote_follows_nothing_and_says_so()
    {
        await using var chain = await StartChainAsync();
        string? key;
        await using (var watcher = await WatcherUnderTest.StartAsync(chain.HttpUrl, chain.WebSocketUrl, OnRedis("later:")))
        {
            await watcher.IsReadyAsync();
            key = (await redis.Database.ExecuteAsync("KEYS", "later:*:layout") is { } keys ? (string[]?)keys : null)?.Single();
        }

        await redis.Database.StringSetAsync(key, "2");
        await using var earlier = await WatcherUnderTest.StartAsync(chain.HttpUrl, chain.WebSocketUrl, OnRedis("later:"));
        await Eventually.IsAsync(
            async () => (await earlier.GetAsync("/readyz")) is (503, var body)
                && body.Contains("a later release of the watcher wrote the checkpoints", StringComparison.Ordinal),
            "it says so");
        Assert.Empty(await earlier.FiguresAsync());
        Assert.Equal("2", (await redis.Database.StringGetAsync(key)).ToString());
    }

    private static async Task<Anvil> StartChainAsync()
    {
        var chain = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(chain.Rpc, Cancel);
        return chain;
    }
}
