using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>A node refuses a shared call entirely. Nobody fails for it but whose envelopes it is about.</summary>
public class CoalescedRefusalTests
{
    private static readonly uint[] ByTheNode = [100];
    private static readonly ClientEnvelope Bad = Envelopes.Application(66);

    // As a real node: one envelope that it refuses, and nothing is staged.
    private static NodeBehaviour RefusesBad(StatusCode code, string text = "no") => call =>
        call.Envelopes.Any(envelope => envelope.UnsignedClientEnvelope == Bad.ToByteString())
            ? throw new RpcException(new Status(code, text))
            : Faults.None(call);

    [Theory]
    [InlineData(StatusCode.InvalidArgument, PublishErrorKind.InvalidArgument)]
    [InlineData(StatusCode.FailedPrecondition, PublishErrorKind.FailedPrecondition)]
    [InlineData(StatusCode.PermissionDenied, PublishErrorKind.PermissionDenied)]
    public async Task What_a_refused_call_held_is_sent_again_one_by_one(StatusCode code, PublishErrorKind kind)
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        rig.Node.Behaviour = RefusesBad(code);
        var waiting = Callers.Messages().Select((message, i) => rig.PublishAsync($"caller {i}", message)).ToList();
        var refused = rig.PublishAsync("bad", Bad);
        rig.EndWait();
        await rig.ReachedAsync(CoalescingRig.MaxConcurrentCalls + 1 + Callers.Count + 1);
        rig.Node.Store.StartWorker();
        (await refused).Failure(kind);
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) outcome.WasPublishedBy(ByTheNode);
        Assert.Equal([1, 1, 1, 1, 17, .. Enumerable.Repeat(1L, 17)], rig.Sent);
        Assert.All(Callers.Messages(), message => Assert.Equal(1, rig.Node.Store.TimesCharged(message)));
    }

    [Fact]
    public async Task A_caller_whose_envelopes_were_refused_is_sent_alone_for_a_minute()
    {
        await using var rig = await CoalescingRig.StartAsync();
        rig.Node.Behaviour = RefusesBad(StatusCode.InvalidArgument);
        (await rig.PublishAsync("bad", Bad)).Failure(PublishErrorKind.InvalidArgument);
        Assert.Equal([1], rig.Sent);

        await PublishTogetherAsync(rig, 1, "bad", "a", "b");
        Assert.Equal([1, 1, 1, 1, 1, 1, 2], rig.Sent);
        rig.Rig.Time.Advance(TimeSpan.FromMinutes(1));
        await PublishTogetherAsync(rig, 11, "bad", "a", "b");
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 3], rig.Sent);
    }

    [Fact]
    public async Task After_an_error_that_one_publish_may_have_caused_all_are_sent_alone()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        rig.Node.Behaviour = Faults.StagesThen(Faults.Refuses(StatusCode.Internal, "internal server error"));
        var waiting = new[] { "a", "b" }.Select((caller, i) => rig.PublishAsync(caller, Envelopes.Application((byte)(i + 1)))).ToList();
        rig.EndWait();
        await rig.ReachedAsync(5);
        rig.Node.Behaviour = Faults.None;
        rig.Node.Store.StartWorker();
        foreach (var publish in waiting) (await rig.Rig.WhileTimePassesAsync(publish)).WasPublishedBy(ByTheNode);
        await Task.WhenAll(held);
        await PublishTogetherAsync(rig, 11, "a", "b", "c", "d");
        Assert.Equal([1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2], rig.Sent);
    }

    [Fact]
    public async Task The_next_node_gets_what_a_node_failed_to_take_in_calls_of_their_own()
    {
        await using var rig = await CoalescingRig.StartAsync(nodes: 2);
        var held = await rig.HoldAsync();
        rig.Node.Behaviour = Faults.Page(503);
        var waiting = Callers.Messages().Select((message, i) => rig.PublishAsync($"caller {i}", message)).ToList();
        rig.EndWait();
        foreach (var publish in waiting) (await rig.Rig.WhileTimePassesAsync(publish)).WasPublishedBy(200);
        Assert.Equal([1, 1, 1, 1, 16, .. Enumerable.Repeat(1L, 16)], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll(held)) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task A_key_package_and_a_publish_with_little_time_are_sent_alone()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        var package = rig.PublishAsync("a", Envelopes.KeyPackage());
        var hasty = rig.PublishAsync("b", TimeSpan.FromMilliseconds(900), default, Envelopes.Application(1));
        await rig.Node.WaitsAsync(2);
        Assert.Equal([1, 1, 1, 1, 1, 1], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, package, hasty])) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task A_publish_that_depends_on_more_than_the_node_has_seen_is_sent_alone_until_one_is_accepted()
    {
        await using var rig = await CoalescingRig.StartAsync();
        var held = await rig.HoldAsync();
        var first = rig.PublishAsync("a", DependsOn(1, 7));
        await rig.Node.WaitsAsync();
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, first])) outcome.WasPublishedBy(ByTheNode);
        Assert.Equal([1, 1, 1, 1, 1], rig.Sent);

        held = await rig.HoldAsync();
        List<Task<PublishOutcome>> waiting =
        [
            rig.PublishAsync("a", DependsOn(2, 7)),
            rig.PublishAsync("b", DependsOn(3, 3)),
            rig.PublishAsync("c", Envelopes.Application(4)),
        ];
        rig.EndWait();
        await rig.Node.WaitsAsync();
        waiting.Add(rig.PublishAsync("d", DependsOn(5, 8)));
        waiting.Add(rig.PublishAsync("e", DependsOn(6, 1, originator: 1)));
        waiting.Add(rig.PublishAsync("f", DependsOn(7, 1, originator: 200)));
        await rig.Node.WaitsAsync(3);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1], rig.Sent);
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) outcome.WasPublishedBy(ByTheNode);
    }

    [Fact]
    public async Task A_node_whose_cursor_went_back_is_forgotten_and_no_publish_fails()
    {
        await using var rig = await CoalescingRig.StartAsync();
        (await rig.PublishAsync("a", DependsOn(1, 7))).WasPublishedBy(ByTheNode);
        var held = await rig.HoldAsync();
        var isBehind = true;
        rig.Node.Behaviour = call => Volatile.Read(ref isBehind) && call.Envelopes.Any(Depends)
            ? throw new RpcException(new Status(StatusCode.InvalidArgument, "sequence ID 7 exceeds last seen sequence ID 3"))
            : Faults.None(call);
        var behind = rig.PublishAsync("a", DependsOn(2, 7));
        var other = rig.PublishAsync("b", Envelopes.Application(3));
        rig.EndWait();
        await rig.ReachedAsync(8);
        Volatile.Write(ref isBehind, false);
        rig.Node.Store.StartWorker();
        (await rig.Rig.WhileTimePassesAsync(behind)).WasPublishedBy(ByTheNode);
        (await other).WasPublishedBy(ByTheNode);
        await Task.WhenAll(held);
        Assert.Equal([1, 1, 1, 1, 1, 2, 1, 1, 1], rig.Sent);
    }

    // Holds four calls, publishes a message of each caller, and lets what waits leave.
    private static async Task PublishTogetherAsync(CoalescingRig rig, byte seed, params string[] callers)
    {
        var held = await rig.HoldAsync();
        var waiting = callers.Select((caller, i) => rig.PublishAsync(caller, Envelopes.Application((byte)(seed + i)))).ToList();
        rig.EndWait();
        rig.Node.Store.StartWorker();
        foreach (var outcome in await Task.WhenAll([.. held, .. waiting])) outcome.WasPublishedBy(ByTheNode);
    }

    private static bool Depends(PayerEnvelope envelope) =>
        ClientEnvelope.Parser.ParseFrom(envelope.UnsignedClientEnvelope).Aad.DependsOn is not null;

    private static ClientEnvelope DependsOn(byte seed, ulong sequence, uint originator = 0)
    {
        var envelope = Envelopes.Application(seed);
        envelope.Aad.DependsOn = new Cursor { NodeIdToSequenceId = { [originator] = sequence } };
        return envelope;
    }
}
