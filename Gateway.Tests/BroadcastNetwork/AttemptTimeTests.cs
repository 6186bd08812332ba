using System.Collections.Concurrent;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>What a node is told of the time that it has, and what it says when that is up.</summary>
public class AttemptTimeTests
{
    private static readonly TimeSpan EightSeconds = TimeSpan.FromSeconds(8);

    [Fact]
    public async Task A_node_whose_worker_is_stuck_answers_what_it_staged_at_the_end_of_its_share_and_no_other_node_is_paid()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Store.StopWorker();
        var publishes = Callers.Messages().Select(message => rig.PublishAsync(EightSeconds, default, message)).ToList();
        await rig.Nodes[0].WaitsAsync(Callers.Count);

        // Half of 8 s, as another node could still be tried, less 250 ms.
        rig.Time.Advance(TimeSpan.FromMilliseconds(3750));
        foreach (var outcome in await Task.WhenAll(publishes)) outcome.WasPublishedBy(100u);
        Assert.Equal([16, 0], rig.Calls);
        Assert.All(Callers.Messages(), message => Assert.Equal(1, rig.Nodes[0].Store.TimesCharged(message)));
    }

    [Fact]
    public async Task A_node_that_could_not_stage_in_time_reports_it_and_only_the_next_one_is_paid()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.StagesAfter(new TaskCompletionSource().Task);
        var publishes = Callers.Messages().Select(message => rig.PublishAsync(EightSeconds, default, message)).ToList();
        await rig.Nodes[0].WaitsAsync(Callers.Count);
        rig.Time.Advance(TimeSpan.FromMilliseconds(3750));

        foreach (var outcome in await Task.WhenAll(publishes)) outcome.WasPublishedBy(200u);
        Assert.Equal((0, 16), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Store.Charged));
        Assert.Equal(0, rig.Nodes[0].Questions);
    }

    [Fact]
    public async Task A_hanging_node_uses_its_share_of_the_deadline_and_little_more()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Silence;
        var publish = rig.PublishAsync(EightSeconds, default, Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        rig.Time.Advance(TimeSpan.FromMilliseconds(4750));
        (await publish).WasPublishedBy(200u);
    }

    [Theory]
    [InlineData(100_000, 29_750)]
    [InlineData(8_000, 7_750)]
    [InlineData(600, 350)]
    [InlineData(400, 200)]
    [InlineData(1, 1)]
    public async Task A_node_gets_a_timeout_slightly_below_its_share(int callerHas, int nodeHas)
    {
        await using var rig = await PublishRig.StartAsync(1);
        var told = new ConcurrentQueue<TimeSpan>();
        rig.Nodes[0].Behaviour = call =>
        {
            told.Enqueue(call.Timeout);
            return Faults.None(call);
        };
        (await rig.PublishAsync(TimeSpan.FromMilliseconds(callerHas), default, Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(TimeSpan.FromMilliseconds(nodeHas), Assert.Single(told));
    }

    [Fact]
    public async Task A_nodes_deadline_long_before_its_time_is_up_is_no_verdict()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.StagesThen(Faults.Refuses(Grpc.Core.StatusCode.DeadlineExceeded));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([1, 0], rig.Calls);
    }
}
