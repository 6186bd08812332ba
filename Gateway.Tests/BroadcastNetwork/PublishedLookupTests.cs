using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>A node that gave no answer is asked what it has before another one is paid for the same.</summary>
public class PublishedLookupTests
{
    private static Measured Measure(PublishRig rig) => new(rig.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Publishing");

    public static TheoryData<string> Ends => ["breaks off", "internal", "unavailable", "cancelled", "502"];

    private static NodeBehaviour End(string name) => name switch
    {
        "breaks off" => Faults.BreaksOff,
        "internal" => Faults.Refuses(StatusCode.Internal),
        "unavailable" => Faults.Refuses(StatusCode.Unavailable),
        "cancelled" => Faults.Refuses(StatusCode.Cancelled),
        _ => Faults.Page(502),
    };

    [Theory, MemberData(nameof(Ends))]
    public async Task What_a_node_took_before_its_answer_was_lost_is_found_and_paid_once(string end)
    {
        await using var rig = await PublishRig.StartAsync(2);
        using var measured = Measure(rig);
        rig.Nodes[0].Behaviour = Faults.StagesThen(End(end));
        var outcome = await rig.PublishAsync(Envelopes.Application());
        outcome.WasPublishedBy(100u);
        Assert.Equal((1, 0), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Store.Charged));
        OriginatorProof.Check(
            OriginatorEnvelope.Parser.ParseFrom(outcome.Envelopes[0].OriginatorEnvelope.Span),
            rig.Nodes[0].Signer.PublicKey.Span,
            Payers.Signer().Address,
            Envelopes.Application());
        Assert.Equal(
            (1, 0),
            (measured.Sum("xmtp_gateway_node_lookups_total", ("found", "published")), measured.Sum("xmtp_gateway_maybe_paid_twice_total")));
    }

    [Fact]
    public async Task Sixteen_callers_whose_node_loses_all_connections_after_it_staged_pay_once_each_though_its_worker_is_late()
    {
        await using var rig = await PublishRig.StartAsync(2);
        using var measured = Measure(rig);
        rig.Nodes[0].Store.StopWorker();
        rig.Nodes[0].Behaviour = Faults.StagesThen(Faults.BreaksOff);
        // In one call, so that the breaker does not send some of them elsewhere.
        var publishes = Callers.Messages().Select(message => rig.PublishAsync(message)).ToList();
        await Eventually.IsAsync(() => rig.Nodes[0].Store.Charged + rig.Nodes[1].Store.Charged == 16, "each was staged somewhere");
        rig.Nodes[0].Store.StartWorker();
        foreach (var publish in publishes) (await rig.WhileTimePassesAsync(publish)).Originators();
        Assert.All(Callers.Messages(), message => Assert.Equal(1, rig.Nodes.Sum(node => node.Store.TimesCharged(message))));
        Assert.Equal(0, measured.Sum("xmtp_gateway_maybe_paid_twice_total"));
    }

    [Fact]
    public async Task A_node_sees_the_name_and_version_of_the_gateway()
    {
        await using var rig = await PublishRig.StartAsync(1);
        (await rig.PublishAsync(Envelopes.Application())).WasPublishedBy(100u);
        Assert.Matches(@"^xmtp-gateway-dotnet/\d+\.\d+\.\d+", rig.Nodes[0].Agent);
    }

    [Fact]
    public async Task A_batch_is_one_question()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.StagesThen(Faults.BreaksOff);
        var batch = Enumerable.Range(1, 50).Select(seed => Envelopes.Application((byte)seed)).ToArray();
        Assert.All((await rig.PublishAsync(batch)).Originators(), node => Assert.Equal(100u, node));
        Assert.Equal((1, 50), (rig.Nodes[0].Questions, rig.Nodes[0].Store.Charged));
    }

    [Fact]
    public async Task A_message_missing_after_a_later_publish_was_inserted_goes_to_the_next_node_and_is_not_in_doubt()
    {
        await using var rig = await PublishRig.StartAsync(2);
        using var measured = Measure(rig);
        rig.Nodes[0].Behaviour = call =>
        {
            rig.Nodes[0].Behaviour = Faults.None;
            return Faults.BreaksOff(call);
        };
        var lost = rig.PublishAsync(Envelopes.Application(1));
        await Eventually.IsAsync(() => rig.Nodes[0].Questions > 0, "the node is asked");
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await rig.PublishAsync(Envelopes.Application(2))).WasPublishedBy(100u);
        (await rig.WhileTimePassesAsync(lost)).WasPublishedBy(200u);
        Assert.Equal((1, 1), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Store.Charged));
        Assert.Equal(
            (1, 0),
            (measured.Sum(
                "xmtp_gateway_node_lookups_total", ("found", "not published")), measured.Sum("xmtp_gateway_maybe_paid_twice_total")));
    }

    [Fact]
    public async Task What_a_node_that_hides_its_own_envelopes_does_not_show_proves_nothing()
    {
        await using var rig = await PublishRig.StartAsync(2);
        using var measured = Measure(rig);
        rig.Nodes[0].Store.HidesOwn = true;
        rig.Nodes[0].Behaviour = call =>
        {
            rig.Nodes[0].Behaviour = Faults.None;
            return Faults.StagesThen(Faults.BreaksOff)(call);
        };
        var lost = rig.PublishAsync(Envelopes.Application(1));
        await Eventually.IsAsync(() => rig.Nodes[0].Questions > 0, "the node is asked");
        rig.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await rig.PublishAsync(Envelopes.Application(2))).WasPublishedBy(100u);
        var asked = rig.Nodes[0].Questions;
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsAsync(
            () =>
            {
                rig.Time.Advance(TimeSpan.FromMilliseconds(100));
                return rig.Nodes[0].Questions >= asked + 4;
            },
            "it is asked again, and for its own");
        Assert.False(lost.IsCompleted);
        Assert.Equal(0, measured.Sum("xmtp_gateway_node_lookups_total", ("found", "not published")));
        rig.Nodes[0].Store.HidesOwn = false;
        (await rig.WhileTimePassesAsync(lost)).WasPublishedBy(100u);
        Assert.Equal((2, 0), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Store.Charged));
    }

    [Fact]
    public async Task An_unknowable_outcome_is_awaited_then_paid_again_and_counted()
    {
        await using var rig = await PublishRig.StartAsync(2);
        using var measured = Measure(rig);
        rig.Nodes[0].Store.StopWorker();
        rig.Nodes[0].Behaviour = Faults.StagesThen(Faults.BreaksOff);
        var began = rig.Time.GetTimestamp();
        (await rig.PublishWhileTimePassesAsync(Envelopes.Application())).WasPublishedBy(200u);
        Assert.True(rig.Time.GetElapsedTime(began) >= TimeSpan.FromSeconds(30), "the rest of the attempt's time is waited out");
        Assert.Equal(1, measured.Sum("xmtp_gateway_maybe_paid_twice_total", ("originator_id", "100")));
    }

    [Fact]
    public async Task A_node_that_answers_errors_delays_no_caller_for_long()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.Internal);
        (await rig.PublishWhileTimePassesAsync(Envelopes.Application())).WasPublishedBy(200u);
        Assert.InRange(rig.Nodes[0].Questions, 3, 6);
    }

    [Fact]
    public async Task A_node_that_staged_and_did_not_answer_is_queried_once()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.StagesThen(Faults.Silence);
        var publishes = Callers.Messages().Select(message => rig.PublishAsync(message)).ToList();
        for (var i = 0; i < Callers.Count; i++) await rig.Nodes[0].ArrivesAsync();
        await Eventually.IsAsync(() => rig.Nodes[0].Store.Charged == Callers.Count, "all are staged");
        rig.Time.Advance(TimeSpan.FromMilliseconds(30_750));
        foreach (var outcome in await Task.WhenAll(publishes)) outcome.WasPublishedBy(100u);
        Assert.Equal((16, 0), (rig.Nodes[0].Questions, rig.Nodes[1].Store.Charged));
    }

    [Fact]
    public async Task What_others_published_with_the_same_bytes_is_not_taken_for_ours()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = call =>
        {
            call.Node.Store.Stage([Payers.Sign(Envelopes.Application(), 100, Payers.Signer(9))]);
            return Faults.Refuses(StatusCode.Internal)(call);
        };
        (await rig.PublishWhileTimePassesAsync(Envelopes.Application())).WasPublishedBy(200u);
    }

    [Fact]
    public async Task Under_constant_connection_resets_nothing_is_lost_and_nothing_is_knowingly_paid_twice()
    {
        const int Rounds = 12;
        await using var rig = await PublishRig.StartAsync(2, services => services
            .AddSingleton(TimeProvider.System)
            .Configure<BroadcastNetworkOptions>(payer => payer.EnvelopePublishTimeout = TimeSpan.FromSeconds(5)));
        using var measured = Measure(rig);
        await using var proxy = new TcpFaultProxy(rig.Nodes[0].Address.Port);
        foreach (var node in rig.Nodes) node.Time = TimeProvider.System;
        rig.Registry.Set(rig.Nodes[0].Registered with { Address = proxy.Through(rig.Nodes[0].Address) }, rig.Nodes[1].Registered);
        var arrived = 0;
        rig.Nodes[0].Behaviour = call =>
        {
            if (Interlocked.Increment(ref arrived) % 20 == 0) proxy.CutAll();
            return Faults.None(call);
        };

        await Task.WhenAll(Enumerable.Range(0, Callers.Count).Select(async caller =>
        {
            for (var round = 0; round < Rounds; round++) (await rig.PublishAsync(Message(caller, round))).Originators();
        }));

        var all = Enumerable.Range(0, Callers.Count)
            .SelectMany(caller => Enumerable.Range(0, Rounds).Select(round => Message(caller, round)))
            .ToList();
        var charged = all.ConvertAll(message => rig.Nodes.Sum(node => node.Store.TimesCharged(message)));
        Assert.DoesNotContain(0, charged);
        Assert.True(proxy.Accepted > 1, "connections were reset");
        Assert.InRange(charged.Sum() - all.Count, 0, (int)measured.Sum("xmtp_gateway_maybe_paid_twice_total"));
    }

    private static ClientEnvelope Message(int caller, int round) =>
        Envelopes.GroupMessage(Envelopes.Mls(2, 1, 100 + (caller * 20) + round), (byte)(1 + caller));
}
