using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.ChainWatcher.Network;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>How often a registry that cannot be read is read again, by a clock that the test moves.</summary>
public sealed class RegistryRetryTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task A_registry_that_cannot_be_read_is_read_again_each_minute_also_where_it_is_read_seldom()
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        proxy.Fault = (_, _, _) => RpcProxy.Error(-32000, "not now");
        var contracts = new ContractsOptions();
        contracts.SettlementChain.RpcUrl = proxy.Url;
        contracts.SettlementChain.NodeRegistry = ChainAddresses.NodeRegistry;
        contracts.SettlementChain.NodeRegistryRefreshInterval = TimeSpan.FromHours(12);
        using var loggers = LoggerFactory.Create(_ => { });
        using var reader = new NetworkReader(Options.Create(contracts), _clock, loggers.CreateLogger<NetworkReader>());
        var cursors = new NetworkCursors(_clock);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = new NetworkWatch(
            reader, cursors, new RegistryChanges(), Options.Create(contracts), Options.Create(new WatcherOptions()), _clock, loggers)
            .RunAsync(stopping.Token);

        // The waits double from a second on: the ninth would have 256 s.
        await UntilErrorAsync(cursors, 9);
        var began = _clock.GetTimestamp();
        await UntilErrorAsync(cursors, 10);
        Assert.InRange(_clock.GetElapsedTime(began), TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(180));
        await stopping.CancelAsync();
        await running;
    }

    private Task UntilErrorAsync(NetworkCursors cursors, int number) => Eventually.IsAsync(
        () =>
        {
            if (cursors.RegistryErrors >= number) return true;
            _clock.Advance(TimeSpan.FromSeconds(2));
            return false;
        },
        $"it failed {number} times");
}
