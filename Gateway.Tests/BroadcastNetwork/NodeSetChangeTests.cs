using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public class NodeSetChangeTests
{
    [Fact]
    public async Task A_node_that_left_is_used_no_more_and_its_running_calls_finish()
    {
        await using var rig = await PublishRig.StartAsync(2);
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = Faults.Waits(gate.Task);
        var running = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();

        rig.Registry.Set(rig.Nodes[1].Registered);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        gate.SetResult();
        (await running).WasPublishedBy(100u);
        Assert.Equal([1, 1], rig.Calls);
    }

    [Fact]
    public async Task A_node_that_moved_is_reached_at_its_new_address_with_a_clean_record()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.BreaksOff;
        for (var i = 0; i < 3; i++) (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);

        await using var moved = await FaultyNode.StartAsync(100);
        rig.Registry.Set(moved.Registered);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(1, moved.Calls);
    }

    [Fact]
    public async Task The_same_nodes_read_again_keep_their_connections()
    {
        await using var rig = await PublishRig.StartAsync(1);
        var connections = new HashSet<string>();
        rig.Nodes[0].Behaviour = call =>
        {
            lock (connections) connections.Add(call.Http.Connection.Id);
            return Faults.None(call);
        };
        for (var i = 0; i < 3; i++)
        {
            await rig.PublishAsync(Envelopes.Welcome());
            var again = rig.Nodes[0].Registered with { PublicKey = rig.Nodes[0].Registered.PublicKey.ToArray() };
            rig.Registry.Set(again);
        }

        Assert.Single(connections);
    }

    [Fact]
    public async Task Without_any_node_a_publish_is_unavailable()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Registry.Set();
        Assert.NotNull((await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable).RetryAfter);
        Assert.Equal([0], rig.Calls);
    }
}
