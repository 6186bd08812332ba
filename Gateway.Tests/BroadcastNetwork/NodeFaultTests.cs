using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public class NodeFaultTests
{
    public static TheoryData<string> NodesOwnFaults => [.. Named.Keys];

    private static Dictionary<string, NodeBehaviour> Named { get; } = new()
    {
        ["too few answers"] = Faults.TooFew,
        ["too many answers"] = Faults.TooMany,
        ["another originator"] = Faults.AnotherOriginator,
        ["another key"] = Faults.AnotherKey,
        ["another envelope"] = Faults.AnotherEnvelope,
        ["garbage"] = Faults.Garbage,
        ["connection lost"] = Faults.BreaksOff,
        ["unavailable"] = Faults.Refuses(StatusCode.Unavailable),
        ["internal"] = Faults.Refuses(StatusCode.Internal),
        ["unauthenticated"] = Faults.Refuses(StatusCode.Unauthenticated),
        ["busy"] = Faults.Refuses(StatusCode.ResourceExhausted),
        ["an edge's 401"] = Faults.Page(401),
        ["an edge's 403"] = Faults.Page(403),
        ["an edge's 404"] = Faults.Page(404),
        ["an edge's 429"] = Faults.Page(429),
        ["an edge's 502"] = Faults.Page(502),
        ["an edge's page with status 200"] = Faults.Page(200),
    };

    [Theory, MemberData(nameof(NodesOwnFaults))]
    public async Task A_node_at_fault_is_left_for_the_next_one_with_signatures_for_that_node(string fault)
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Named[fault];
        var outcome = await rig.PublishWhileTimePassesAsync(Envelopes.Welcome(1), Envelopes.KeyPackage(2));

        outcome.WasPublishedBy(200u, 200u);
        // Who is not let in is tried at the service for payers too.
        Assert.Equal([fault == "unauthenticated" ? 2 : 1, 1], rig.Calls);
    }

    [Fact]
    public async Task A_dead_node_is_left_for_the_next_one()
    {
        await using var rig = await PublishRig.StartAsync(2);
        await rig.Nodes[0].DisposeAsync();
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
    }

    [Theory]
    [InlineData(StatusCode.InvalidArgument, PublishErrorKind.InvalidArgument)]
    [InlineData(StatusCode.PermissionDenied, PublishErrorKind.PermissionDenied)]
    public async Task A_request_fault_is_returned_when_two_nodes_agree_and_excludes_no_node(StatusCode code, PublishErrorKind kind)
    {
        await using var rig = await PublishRig.StartAsync(3);
        foreach (var node in rig.Nodes) node.Behaviour = Faults.Refuses(code, "retention is too short");
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(kind);
        Assert.Contains("retention is too short", error.Message);

        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([2, 1, 0], rig.Calls);
    }

    [Fact]
    public async Task An_empty_payer_balance_is_an_error_of_its_own_without_the_operators_figures()
    {
        await using var rig = await PublishRig.StartAsync(2);
        foreach (var node in rig.Nodes)
        {
            node.Behaviour = Faults.Refuses(
                StatusCode.FailedPrecondition, "insufficient payer balance: available 41 picodollars, estimated fees 42 picodollars");
        }
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.FailedPrecondition);
        Assert.Equal("PAYER_BALANCE_EMPTY", error.Reason);
        Assert.DoesNotContain("41", error.Message);
        Assert.Equal([1, 1], rig.Calls);
    }

    [Fact]
    public async Task A_nodes_text_reaches_the_caller_without_addresses_and_with_the_callers_index()
    {
        await using var rig = await PublishRig.StartAsync(2, services => services.Configure<BroadcastNetworkOptions>(payer =>
        {
            payer.NodeSelectorStrategy = "stable";
            payer.EnvelopePublishRetries = 1;
        }));
        rig.Nodes[1].Behaviour = Faults.Refuses(
            StatusCode.InvalidArgument,
            $"could not validate envelope. index 1: at http://10.0.0.7:5050/x or 10.0.0.7:80 for {Payers.Signer().Address}");

        // By the stable rule: two envelopes for node 200 behind one for node 100.
        var outcome = await rig.PublishAsync(On("d3cd"), On("01"), On("02"), On("03"), On("04"));
        var error = outcome.Failure(PublishErrorKind.InvalidArgument);
        var named = Assert.NotNull(error.EnvelopeIndex);
        var toSecond = Enumerable.Range(0, 5).Where(i => outcome.Envelopes[i].Error is not null).ToList();
        Assert.Equal(toSecond[1], named);
        Assert.Contains($"index {named}", error.Message);
        Assert.DoesNotContain("10.0.0.7", error.Message);
        Assert.DoesNotContain("0x", error.Message);
    }

    [Fact]
    public async Task Attempts_stop_at_the_setting_and_the_caller_gets_no_details_of_them()
    {
        await using var rig = await PublishRig.StartAsync(
            3, services => services.Configure<BroadcastNetworkOptions>(payer => payer.EnvelopePublishRetries = 2));
        foreach (var node in rig.Nodes) node.Behaviour = Faults.Refuses(StatusCode.Internal, "disk full at 10.1.2.3");
        var error = (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        Assert.Equal([1, 1, 0], rig.Calls);
        Assert.DoesNotContain("disk", error.Message);
        Assert.NotNull(error.RetryAfter);
    }

    [Fact]
    public async Task When_every_node_is_too_busy_the_caller_gets_a_retry_time()
    {
        await using var rig = await PublishRig.StartAsync(2);
        foreach (var node in rig.Nodes) node.Behaviour = Faults.Refuses(StatusCode.ResourceExhausted);
        Assert.NotNull((await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.ResourceExhausted).RetryAfter);
    }

    [Theory]
    [InlineData(StatusCode.Unimplemented, "unknown service")]
    [InlineData(StatusCode.Unauthenticated, "request has failed")]
    public async Task A_node_that_does_not_serve_ReplicationApi_to_payers_gets_PublishApi_calls_from_then_on(
        StatusCode code, string text)
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = call => call.Service.EndsWith("ReplicationApi", StringComparison.Ordinal)
            ? throw new RpcException(new Status(code, text))
            : Faults.None(call);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(["ReplicationApi", "PublishApi", "PublishApi"], rig.Nodes[0].Services.Select(service => service.Split('.')[^1]));
    }

    [Fact]
    public async Task A_401_of_a_proxy_does_not_change_which_service_of_the_node_is_used()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.Page(401);
        (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.All(rig.Nodes[0].Services, service => Assert.EndsWith("ReplicationApi", service));
    }

    [Fact]
    public async Task A_node_that_cheats_after_many_good_answers_is_caught_where_every_signature_is_checked()
    {
        await using var rig = await PublishRig.StartAsync(
            2, services => services.Configure<BroadcastNetworkOptions>(payer => payer.VerifyNodeSignatures = "always"));
        for (var i = 0; i < 40; i++) await rig.PublishAsync(Envelopes.Welcome());
        rig.Nodes[0].Behaviour = Faults.AnotherKey;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
    }

    [Fact]
    public async Task Answers_come_in_the_requests_order_whatever_nodes_they_come_from()
    {
        await using var rig = await PublishRig.StartAsync(
            3, services => services.Configure<BroadcastNetworkOptions>(payer => payer.NodeSelectorStrategy = "stable"));
        var sent = Enumerable.Range(0, 40).Select(i => Envelopes.Welcome((byte)i)).ToArray();
        var outcome = await rig.PublishAsync(sent);

        Assert.True(outcome.Originators().Distinct().Count() == 3);
        Assert.Equal([1, 1, 1], rig.Calls);
        for (var i = 0; i < sent.Length; i++)
        {
            var answer = OriginatorEnvelope.Parser.ParseFrom(outcome.Envelopes[i].OriginatorEnvelope.Span);
            var node = rig.Nodes.Single(node => node.Id == outcome.Originators()[i]);
            OriginatorProof.Check(answer, node.Signer.PublicKey.Span, Payers.Signer().Address, sent[i]);
        }
    }

    private static ClientEnvelope On(string identifier)
    {
        var envelope = Envelopes.Welcome();
        envelope.Aad.TargetTopic = Google.Protobuf.ByteString.CopyFrom([1, .. Convert.FromHexString(identifier)]);
        return envelope;
    }
}
