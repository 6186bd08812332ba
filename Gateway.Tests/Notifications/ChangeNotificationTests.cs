using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Notifications;

public class ChangeNotificationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_notification_during_a_read_causes_one_more_read_afterwards()
    {
        using var changes = new ChangeNotifications(NullLogger<ChangeNotifications>.Instance);
        using var begun = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var (running, most) = (0, 0);
        using var reading = changes.Subscribe(ChangeKind.RatesChanged, async stoppingToken =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            begun.Release();
            await go.WaitAsync(stoppingToken);
            Interlocked.Decrement(ref running);
        });

        changes.Notify(ChangeKind.NodesChanged);
        changes.Notify(ChangeKind.RatesChanged);
        await begun.WaitAsync(Cancel);
        for (var i = 0; i < 5; i++) changes.Notify(ChangeKind.RatesChanged);
        go.Release();
        await begun.WaitAsync(Cancel);
        go.Release();
        await Eventually.IsAsync(() => Volatile.Read(ref running) == 0, "the second reading ended");
        changes.NotifyAll();
        await begun.WaitAsync(Cancel);
        go.Release();

        Assert.Equal((1, 0), (most, begun.CurrentCount));
    }

    [Fact]
    public async Task A_reader_that_throws_gets_the_next_notification()
    {
        using var changes = new ChangeNotifications(NullLogger<ChangeNotifications>.Instance);
        using var heard = new SemaphoreSlim(0);
        using var breaking = changes.Subscribe(ChangeKind.BalanceChanged, _ =>
        {
            heard.Release();
            throw new InvalidOperationException("no");
        });

        for (var i = 0; i < 3; i++)
        {
            changes.Notify(ChangeKind.BalanceChanged);
            await heard.WaitAsync(Cancel);
        }

        Assert.Equal(0, heard.CurrentCount);
    }

    [Fact]
    public async Task Without_Redis_a_gateway_learns_from_the_chain_that_a_node_left()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        var registry = network.GatewayServices.GetRequiredService<INodeRegistry>();
        await Eventually.IsAsync(() => registry.Current.Nodes.Count == 2, "both nodes are known");

        // The timer alone would take a minute, and so would this test.
        await network.Chain.RemoveFromNetworkAsync(200, Cancel);

        await Eventually.IsAsync(() => registry.Current.Nodes.Count == 1, "the node that left is gone");
    }

    [Fact]
    public async Task With_Redis_a_gateway_reloads_on_a_notification_also_after_Redis_was_unavailable()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = ["--redis.redis-url", redis.ConnectionString] }, Cancel);
        var registry = network.GatewayServices.GetRequiredService<INodeRegistry>();
        await Eventually.IsAsync(() => registry.Current.Nodes.Count == 2, "both nodes are known");

        await network.Chain.RemoveFromNetworkAsync(200, Cancel);
        await using var watcher = await redis.ConnectAsync();
        var contracts = new ContractsOptions { SettlementChain = { ChainId = 31337 } };
        // Nobody says when the gateway has subscribed, so it is said until it was heard.
        await Eventually.IsAsync(
            async () =>
            {
                await watcher.GetSubscriber()
                    .PublishAsync(ChangeChannel.Of(new RedisOptions(), contracts), ChangeChannel.Write(ChangeKind.NodesChanged, 1));
                return registry.Current.Nodes.Count == 1;
            },
            "the node that left is gone");
        await redis.KillAsync();
        await network.Chain.AddToNetworkAsync(200, Cancel);
        await redis.RestartAsync();

        await Eventually.IsAsync(() => registry.Current.Nodes.Count == 2, "the node that came while Redis was away is known");
    }

    [Fact]
    public void Every_kind_has_a_name_and_unknown_names_are_ignored()
    {
        foreach (var kind in Enum.GetValues<ChangeKind>()) Assert.Equal(kind, ChangeChannel.Read(ChangeChannel.Write(kind, 7)));
        Assert.Null(ChangeChannel.Read("weather-changed 7"));
        Assert.Null(ChangeChannel.Read(null));
    }
}
