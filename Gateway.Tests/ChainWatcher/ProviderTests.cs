using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a watcher says while the provider of its chains is away.</summary>
public sealed class ProviderTests : OnItsOwnChain
{
    private const int Unavailable = 8202;
    private const int Back = 8203;
    private const int Faulty = 8204;
    private const string UnavailableSeconds = "xmtp_chain_watcher_provider_unavailable_seconds{chain=\"settlement-chain\"}";
    private const string Behind = "xmtp_chain_watcher_blocks_behind{chain=\"settlement-chain\"}";

    [Fact]
    public async Task An_unavailable_provider_is_reported_once_with_the_time_and_once_when_it_recovers()
    {
        await using var proxy = new TcpFaultProxy(Fixture.Anvil.HttpUrl.Port);
        await using var watcher = await StartBehindAsync(proxy);
        await watcher.IsReadyAsync();
        Assert.Equal(0, await watcher.WatchMetricAsync(UnavailableSeconds));
        Assert.Equal(0, await watcher.WatchMetricAsync(Behind));

        proxy.Mode = ProxyMode.Cut;
        await watcher.Logs.UntilAsync(() => watcher.LinesOf(Unavailable).Count == 2, Cancel);

        var (status, body) = await watcher.GetAsync("/readyz");
        Assert.Equal(200, status);
        Assert.Matches("the provider of the settlement-chain has not answered since 20[-0-9]*T[:0-9]*Z, for [0-9]+s", body);
        Assert.DoesNotContain("read to the head", body, StringComparison.Ordinal);
        Assert.True(await watcher.WatchMetricAsync(UnavailableSeconds) >= 5);
        Assert.True(await watcher.WatchMetricAsync(Behind) >= 1);

        proxy.Mode = ProxyMode.Pass;
        await watcher.Logs.UntilAsync(() => watcher.LinesOf(Back).Count == 2, Cancel);
        await watcher.IsReadyAsync();
        Assert.Equal(0, await watcher.WatchMetricAsync(UnavailableSeconds));
        Assert.Equal(0, await watcher.WatchMetricAsync(Behind));
        foreach (var chain in (string[])["app-chain", "settlement-chain"])
        {
            Assert.Matches(
                $"the provider of the {chain} has not answered since 20",
                Assert.Single(watcher.LinesOf(Unavailable), line => line.Contains(chain, StringComparison.Ordinal)));
            Assert.Matches(
                $"the provider of the {chain} answers again, after [0-9]+ s",
                Assert.Single(watcher.LinesOf(Back), line => line.Contains(chain, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Blocks_behind_grow_at_the_chain_s_pace_while_the_provider_is_away()
    {
        await using var proxy = new TcpFaultProxy(Fixture.Anvil.HttpUrl.Port);
        await using var watcher = await StartBehindAsync(proxy);
        await watcher.IsReadyAsync();
        // Ten blocks within about ten seconds of the chain's time.
        for (var block = 0; block < 10; block++)
        {
            await Fixture.Chain.PassTimeAsync(TimeSpan.FromSeconds(1), Cancel);
            await Fixture.Chain.MineAsync(1, Cancel);
        }

        await Fixture.Chain.DepositAsync(DevAccounts.Signer(1).Address, new Microdollars(1), Cancel);
        await Eventually.IsAsync(async () => await watcher.EventsAsync("Deposit") == 1, "the blocks are read");

        proxy.Mode = ProxyMode.Cut;

        await Eventually.IsAsync(async () => await watcher.WatchMetricAsync(Behind) > 1, "some blocks are missed");
        var first = await watcher.WatchMetricAsync(Behind);
        await Eventually.IsAsync(async () => await watcher.WatchMetricAsync(Behind) > first, "and more");
    }

    [Fact]
    public async Task A_provider_with_unusable_answers_is_reported_and_its_recovery_too()
    {
        var clock = new MovedClock();
        await Fixture.Chain.DepositAsync(DevAccounts.Signer(1).Address, new Microdollars(1), Cancel);
        await using var proxy = await RpcProxy.StartAsync(Fixture.Anvil.HttpUrl);
        proxy.Fault = (method, _, forward) => method == "eth_getLogs" ? RpcProxy.Error(-32601, "there is no such method") : Pass(forward);
        await using var watcher = await WatcherUnderTest.StartAsync(proxy.Url, null, clock, "--watcher.state-folder", Folder);
        await Eventually.IsAsync(() => proxy.Asked.GetValueOrDefault("eth_getLogs") >= 20, "the chain was asked for logs, in vain");

        // Longer than a provider may answer in vain, and shorter than after what a chain is lost.
        clock.Move(TimeSpan.FromSeconds(46));
        await watcher.Logs.UntilAsync(() => watcher.LinesOf(Faulty).Count > 0, Cancel);
        Assert.Contains("its answers have been unusable since 20", watcher.LinesOf(Faulty)[0], StringComparison.Ordinal);

        proxy.Fault = (_, _, forward) => Pass(forward);
        await watcher.Logs.UntilAsync(() => watcher.LinesOf(Back).Count > 0, Cancel);
        await watcher.IsReadyAsync();
    }

    private static Task<string?> Pass(Func<Task<string>> forward) => RpcProxy.Pass(forward);

    private Task<WatcherUnderTest> StartBehindAsync(TcpFaultProxy proxy) => WatcherUnderTest.StartAsync(
        proxy.Through(Fixture.Anvil.HttpUrl), proxy.Through(Fixture.Anvil.WebSocketUrl), "--watcher.state-folder", Folder);
}
