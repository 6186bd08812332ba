using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Selection;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public class SelectorTests
{
    private static readonly NodeSet Three = SomeNodes.Of(100, 200, 300);

    [Fact]
    public void Manual_takes_the_first_usable_preferred_node_and_no_other()
    {
        var manual = new ManualSelector(Preferring(700, 300, 200));
        Assert.Equal(300u, Choose(manual));
        Assert.Equal(200u, Choose(manual, 300));
        Assert.Null(Choose(manual, 300, 200));
    }

    [Fact]
    public void Ordered_takes_the_preferred_nodes_first_and_then_any_other()
    {
        var ordered = new OrderedSelector(Preferring(700, 300));
        Assert.Equal(300u, Choose(ordered));
        Assert.Equal(100u, Choose(ordered, 300));
        Assert.Equal(200u, Choose(ordered, 300, 100));
        Assert.Null(Choose(ordered, 300, 100, 200));
    }

    [Fact]
    public void Random_takes_each_usable_node_about_as_often_and_no_banned_one()
    {
        var chosen = Enumerable.Range(0, 3000).Select(_ => Choose(new RandomSelector(), 200)).ToList();
        Assert.DoesNotContain(200u, chosen.Select(id => id!.Value));
        Assert.InRange(chosen.Count(id => id == 100), 1200, 1800);
        Assert.Null(Choose(new RandomSelector(), 100, 200, 300));
    }

    [Fact]
    public async Task Closest_takes_a_node_that_answers_before_one_that_does_not()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var registry = new KnownNodes();
        registry.Set(SomeNodes.At(100, $"http://127.0.0.1:{FreePort.Next()}"), SomeNodes.At(200, $"http://{listener.LocalEndpoint}"));
        using var times = new ConnectTimes(registry, Preferring(), TimeProvider.System);
        var closest = new ClosestSelector(Preferring(), times);
        Assert.Equal(100u, Choose(closest, registry.Current));

        await times.MeasureAsync(TestContext.Current.CancellationToken);
        Assert.Equal(200u, Choose(closest, registry.Current));
        Assert.Equal(100u, Choose(closest, registry.Current, 200));
        Assert.Equal(100u, Choose(new ClosestSelector(Preferring(100), times), registry.Current));
        Assert.Null(Choose(new ClosestSelector(Preferring(100), times), registry.Current, 100));
        Assert.Equal(200u, Choose(new ClosestSelector(Preferring(900), times), registry.Current));
    }

    private static uint? Choose(INodeSelector selector, params uint[] banned) => Choose(selector, Three, banned);

    private static uint? Choose(INodeSelector selector, NodeSet nodes, params uint[] banned) =>
        selector.Select(nodes, SomeNodes.AnyTopic, banned.Contains)?.Id;

    private static IOptions<BroadcastNetworkOptions> Preferring(params uint[] nodes) =>
        Options.Create(new BroadcastNetworkOptions { PreferredNodes = nodes, NodeSelectorStrategy = "closest" });
}
