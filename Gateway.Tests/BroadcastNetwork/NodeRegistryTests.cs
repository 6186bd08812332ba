using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public sealed class NodeRegistryTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_canonical_nodes_with_a_good_key_and_a_web_address_are_used()
    {
        await AddAsync(1100, "http://127.0.0.1:5061");
        await AddAsync(1200, "https://node.example/ignored");
        await chain.Chain.AddNodeAsync(1300, NodeKey.Of(1300).PublicKey, "http://127.0.0.1:5063", Cancel);
        await AddAsync(1400, "ftp://127.0.0.1:5064");
        await AddAsync(1500, "127.0.0.1:5065");
        await chain.Chain.AddNodeAsync(1600, (byte[])[4, .. new byte[64]], "http://127.0.0.1:5066", Cancel);
        await chain.Chain.AddToNetworkAsync(1600, Cancel);

        await using var services = Services(chain.Anvil.HttpUrl);
        var registry = services.GetRequiredService<INodeRegistry>();
        Assert.Empty(registry.Current.Nodes);
        await registry.RefreshAsync(Cancel);
        Assert.Equal([1100u, 1200u], registry.Current.Nodes.Select(node => node.Id).Where(id => id is >= 1100 and <= 1600));
        Assert.True(registry.Current.TryGet(1100, out var node));
        Assert.Equal(NodeKey.Of(1100).PublicKey.ToArray(), node.PublicKey.ToArray());
        Assert.Equal(new Uri("http://127.0.0.1:5061"), node.Address);
    }

    [Fact]
    public async Task A_node_that_moves_or_leaves_does_so_with_the_next_reading_and_a_reading_without_changes_says_nothing()
    {
        await AddAsync(2100, "http://127.0.0.1:6001");
        await using var services = Services(chain.Anvil.HttpUrl);
        var registry = services.GetRequiredService<INodeRegistry>();
        var changes = 0;
        registry.Changed += _ => changes++;

        await registry.RefreshAsync(Cancel);
        await registry.RefreshAsync(Cancel);
        Assert.Equal(1, changes);

        await chain.Chain.SetHttpAddressAsync(2100, "http://127.0.0.1:6002", Cancel);
        await registry.RefreshAsync(Cancel);
        Assert.True(registry.Current.TryGet(2100, out var moved));
        Assert.Equal(6002, moved.Address.Port);

        await chain.Chain.RemoveFromNetworkAsync(2100, Cancel);
        await registry.RefreshAsync(Cancel);
        Assert.False(registry.Current.TryGet(2100, out _));
        Assert.Equal(3, changes);
    }

    [Fact]
    public async Task An_unreachable_endpoint_keeps_the_last_nodes()
    {
        await AddAsync(5100, "http://127.0.0.1:5061");
        await using var proxy = new TcpFaultProxy(chain.Anvil.HttpUrl.Port);
        await using var services = Services(proxy.Through(chain.Anvil.HttpUrl));
        var registry = services.GetRequiredService<INodeRegistry>();
        await registry.RefreshAsync(Cancel);

        proxy.Mode = ProxyMode.Cut;
        await chain.Chain.RemoveFromNetworkAsync(5100, Cancel);
        await registry.RefreshAsync(Cancel);
        Assert.True(registry.Current.TryGet(5100, out _));

        proxy.Mode = ProxyMode.Pass;
        await registry.RefreshAsync(Cancel);
        Assert.False(registry.Current.TryGet(5100, out _));
    }

    [Fact]
    public async Task The_gateway_reads_at_start_and_again_every_interval()
    {
        await AddAsync(3100, "http://127.0.0.1:7001");
        await using var services = Services(chain.Anvil.HttpUrl);
        var registry = services.GetRequiredService<INodeRegistry>();
        var refresher = services.GetServices<IHostedService>().OfType<NodeRegistryRefresher>().Single();

        var read = Next(registry, set => set.TryGet(3100, out _));
        await refresher.StartAsync(Cancel);
        await read;

        var gone = Next(registry, set => !set.TryGet(3100, out _));
        await chain.Chain.RemoveFromNetworkAsync(3100, Cancel);
        while (!gone.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(60));
            await Task.Yield();
        }

        await gone;
        await refresher.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_node_that_leaves_the_contract_is_published_to_no_more()
    {
        await using var staying = await FaultyNode.StartAsync(4200);
        await using var leaving = await FaultyNode.StartAsync(4100);
        foreach (var node in (FaultyNode[])[staying, leaving])
            await chain.Chain.RegisterNodeAsync(node.Id, node.Signer.PublicKey, node.Address, Cancel);
        await using var rig = await PublishRig.StartAsync(0, services =>
        {
            services.AddSingleton<INodeRegistry, NodeRegistry>().Configure<ContractsOptions>(Point(chain.Anvil.HttpUrl));
            services.Configure<BroadcastNetworkOptions>(payer => payer.PreferredNodes = [4100, 4200]);
        });
        var registry = rig.Services.GetRequiredService<INodeRegistry>();
        await registry.RefreshAsync(Cancel);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(4100);

        await chain.Chain.RemoveFromNetworkAsync(4100, Cancel);
        await registry.RefreshAsync(Cancel);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(4200);
    }

    private async Task AddAsync(uint id, string address)
    {
        await chain.Chain.AddNodeAsync(id, NodeKey.Of(id).PublicKey, address, Cancel);
        await chain.Chain.AddToNetworkAsync(id, Cancel);
    }

    private ServiceProvider Services(Uri rpc) => new ServiceCollection()
        .AddLogging().AddMetrics().AddSingleton<TimeProvider>(_time).AddSingleton<IChangeNotifications, ChangeNotifications>()
        .Configure<ContractsOptions>(Point(rpc))
        .AddPublishing().AddBroadcastNetwork().BuildServiceProvider();

    private static Action<ContractsOptions> Point(Uri rpc) => contracts =>
    {
        contracts.SettlementChain.RpcUrl = rpc;
        contracts.SettlementChain.NodeRegistry = ChainAddresses.NodeRegistry;
    };

    private static Task Next(INodeRegistry registry, Func<NodeSet, bool> expected)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.Changed += set =>
        {
            if (expected(set)) seen.TrySetResult();
        };
        return seen.Task.WaitAsync(Cancel);
    }
}
