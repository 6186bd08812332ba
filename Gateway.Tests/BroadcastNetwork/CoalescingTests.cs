using Google.Protobuf;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>What arrives while calls to a node are under way leaves together.</summary>
public class CoalescingTests
{
    private static readonly uint[] ByTheNode = [100];

    [Fact]
    public async Task While_few_calls_are_under_way_each_publish_is_sent_at_once_alone()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
        (await rig.PublishAsync("a", Envelopes.Welcome())).WasPublishedBy(ByTheNode);
        Assert.Equal([1, 1, 1, 1, 1], rig.Sent);
    }

    [Fact]
    public async Task What_arrives_meanwhile_leaves_in_one_call_within_a_moment_in_the_order_of_arrival()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        ClientEnvelope[] ofOneTopic = [.. Enumerable.Range(1, 5).Select(i => Envelopes.Application(1, size: 100 * i))];
        var waiting = ofOneTopic.Select((message, i) => rig.PublishAsync($"caller {i}", message)).ToList();
        var batch = rig.PublishAsync("batch", Envelopes.Application(2), Envelopes.Application(3));
        rig.EndWait();
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 7], rig.Sent);

        rig.Node.Store.StartWorker();
        var outcomes = await Task.WhenAll(waiting);
        for (var i = 0; i < outcomes.Length; i++) AssertHolds(outcomes[i], ofOneTopic[i]);
        Assert.Equal(Enumerable.Range(5, 5).Select(number => (ulong)number), outcomes.Select(Number));
        (await batch).WasPublishedBy(100, 100);
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task Publishes_of_two_payers_share_no_call()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        rig.OfPayer("app-a");
        var ofA = rig.PublishAsync("caller", Envelopes.Application(1));
        rig.OfPayer("app-b");
        var ofB = new[] { rig.PublishAsync("caller", Envelopes.Application(2)), rig.PublishAsync("caller", Envelopes.Application(3)) };
        rig.EndWait();
        await rig.ReachedAsync(6);
        Assert.Equal([1, 1, 1, 1, 1, 2], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, ofA, .. ofB])) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task What_waits_leaves_when_a_call_ends()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var gates = new List<TaskCompletionSource>();
        rig.Node.Behaviour = call =>
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (gates) gates.Add(gate);
            return Faults.Waits(gate.Task)(call);
        };
        var held = Enumerable.Range(1, 4).Select(seed => rig.PublishAsync("held", Envelopes.Welcome((byte)seed))).ToList();
        await rig.Node.WaitsAsync(4);
        var waiting = Enumerable.Range(11, 3).Select(seed => rig.PublishAsync("a", Envelopes.Welcome((byte)seed))).ToList();
        gates[0].SetResult();
        (await await Task.WhenAny(held)).WasPublishedBy(ByTheNode);
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 3], rig.Sent);
        foreach (var gate in gates[1..]) gate.SetResult();
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task A_call_leaves_at_once_when_no_more_envelopes_have_room()
    {
        await using var rig = await CoalescingRig.StartAsync(maxEnvelopes: 3);
        var held = await rig.HoldAsync();
        var waiting = Enumerable.Range(1, 2).Select(seed => rig.PublishAsync("a", Envelopes.Application((byte)seed))).ToList();
        waiting.Add(rig.PublishAsync("b", Envelopes.Application(11), Envelopes.Application(12)));
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 2], rig.Sent);
        waiting.Add(rig.PublishAsync("c", Envelopes.Application(13)));
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 2, 3], rig.Sent);

        // As many as have room share no call.
        waiting.Add(rig.PublishAsync("d", Envelopes.Application(21), Envelopes.Application(22), Envelopes.Application(23)));
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 2, 3, 3], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) Assert.Null(outcome.Error);
    }

    [Fact]
    public async Task A_call_leaves_at_once_when_no_more_bytes_have_room()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        List<Task<PublishOutcome>> waiting =
        [
            rig.PublishAsync("a", Envelopes.Welcome(1, size: 500 * 1024)),
            rig.PublishAsync("b", Envelopes.Welcome(2, size: 500 * 1024)),
            rig.PublishAsync("c", Envelopes.Welcome(3, size: 500 * 1024)),
        ];
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 2], rig.Sent);

        // What is larger by itself goes at once, after what waits.
        waiting.Add(rig.PublishAsync("d", Envelopes.Welcome(4, size: 2 * 1024 * 1024)));
        await rig.Node.WaitsAsync(2);
        Assert.Equal([1, 1, 1, 1, 2, 1, 1], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task A_caller_that_leaves_takes_nothing_from_the_others()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        using var early = new CancellationTokenSource();
        using var late = new CancellationTokenSource();
        var leavesEarly = rig.PublishAsync("a", TimeSpan.FromSeconds(100), early.Token, Envelopes.Application(1));
        var leavesLate = rig.PublishAsync("b", TimeSpan.FromSeconds(100), late.Token, Envelopes.Application(2));
        var stays = rig.PublishAsync("c", Envelopes.Application(3));
        await early.CancelAsync();
        (await leavesEarly).Failure(PublishErrorKind.Cancelled);
        rig.EndWait();
        await rig.Node.WaitsAsync();
        await late.CancelAsync();
        (await leavesLate).Failure(PublishErrorKind.Cancelled);
        Assert.Equal([1, 1, 1, 1, 2], rig.Sent);

        rig.Node.Store.StartWorker();
        (await stays).WasPublishedBy(ByTheNode);
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
        Assert.Equal(0, rig.Node.Store.TimesCharged(Envelopes.Application(1)));
        Assert.Equal(1, rig.Node.Store.TimesCharged(Envelopes.Application(2)));
    }

    [Fact]
    public async Task A_call_has_the_least_timeout_of_its_publishes_and_those_with_more_time_are_retried()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        var told = new List<TimeSpan>();
        var stages = new TaskCompletionSource();
        rig.Node.Behaviour = call =>
        {
            told.Add(call.Timeout);
            return Faults.StagesAfter(stages.Task)(call);
        };
        var patient = rig.PublishAsync("a", TimeSpan.FromSeconds(20), default, Envelopes.Application(1));
        var hasty = rig.PublishAsync("b", TimeSpan.FromSeconds(8), default, Envelopes.Application(2));
        rig.EndWait();
        await rig.Node.WaitsAsync();
        Assert.Equal([1, 1, 1, 1, 2], rig.Sent);
        rig.Rig.Time.Advance(TimeSpan.FromMilliseconds(7740));
        (await rig.Rig.WhileTimePassesAsync(hasty, TimeSpan.FromMilliseconds(1))).Failure(PublishErrorKind.Unavailable);

        await rig.Node.WaitsAsync();
        Assert.Equal(2, told.Count);
        Assert.Equal(TimeSpan.FromMilliseconds(7740), told[0]);
        Assert.InRange(told[1], TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(12));
        rig.Node.Store.StartWorker();
        stages.SetResult();
        (await patient).WasPublishedBy(ByTheNode);
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
        Assert.Equal(0, rig.Node.Store.TimesCharged(Envelopes.Application(2)));
    }

    [Fact]
    public async Task Where_it_is_unknown_whether_a_call_was_taken_each_publish_is_looked_up_and_it_is_one_fault()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        rig.Node.Behaviour = Faults.StagesThen(Faults.BreaksOff);
        var waiting = Enumerable.Range(1, 5).Select(seed => rig.PublishAsync("a", Envelopes.Application((byte)seed))).ToList();
        rig.EndWait();
        await rig.ReachedAsync(5);
        rig.Node.Behaviour = Faults.None;
        rig.Node.Store.StartWorker();
        foreach (var publish in waiting) (await rig.Rig.WhileTimePassesAsync(publish)).WasPublishedBy(ByTheNode);
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
        Assert.Equal((5, 0), (rig.Node.Calls, rig.NodesExcluded));
        for (byte seed = 1; seed <= 5; seed++) Assert.Equal(1, rig.Node.Store.TimesCharged(Envelopes.Application(seed)));
    }

    [Fact]
    public async Task A_real_node_takes_a_shared_call_and_numbers_it_in_order()
    {
        await using var node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 200 }, TestContext.Current.CancellationToken);
        await using var rig = await CoalescingRig.StartAsync(nodes: 0);
        rig.Rig.Registry.Set(SomeNodes.At(200, node.Address.AbsoluteUri));
        node.Faults = new NodeFaults { WorkerStuck = true };
        var held = Enumerable.Range(1, 4).Select(seed => rig.PublishAsync("held", Envelopes.Welcome((byte)seed))).ToList();
        await Eventually.IsAsync(() => node.Staged == 4, "four are staged");
        ClientEnvelope[] ofOneTopic = [.. Enumerable.Range(1, 20).Select(i => Envelopes.Application(1, size: 10 * i))];
        var waiting = ofOneTopic.Select((message, i) => rig.PublishAsync($"caller {i}", message)).ToList();
        rig.EndWait();
        await Eventually.IsAsync(() => node.Staged == 24, "all are staged");
        node.Faults = NodeFaults.None;
        var outcomes = await Task.WhenAll(waiting);
        for (var i = 0; i < outcomes.Length; i++) AssertHolds(outcomes[i], ofOneTopic[i]);
        Assert.Equal(outcomes.Select(Number).Order(), outcomes.Select(Number));
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(200);
        Assert.Equal([1, 1, 1, 1, 20], rig.Sent);
    }

    private static void AssertHolds(PublishOutcome outcome, ClientEnvelope sent)
    {
        Assert.Null(outcome.Error);
        Assert.True(OriginatorEnvelopeView.TryRead(outcome.Envelopes[0].OriginatorEnvelope, out var view));
        Assert.Equal(sent.ToByteArray(), view.ClientEnvelope.ToArray());
    }

    private static ulong Number(PublishOutcome outcome)
    {
        Assert.True(OriginatorEnvelopeView.TryRead(outcome.Envelopes[0].OriginatorEnvelope, out var view));
        return view.SequenceId;
    }
}
