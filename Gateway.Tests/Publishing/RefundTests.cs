using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Publishing;

/// <summary>
/// What surely reached no node is refunded to limits, and what may have reached one is not. Two publishes an hour are
/// allowed.
/// </summary>
public class RefundTests
{
    private static Task<PublishRig> RigAsync(
        Action<IServiceCollection>? configure = null, int nodes = 1) => PublishRig.StartAsync(nodes, services =>
    {
        services.Configure<LimitsOptions>(limits => limits.Rates.Add(new RateLimit(2, TimeSpan.FromHours(1)))).AddPublishAuthorization();
        configure?.Invoke(services);
    });

    private static async Task TwoAreLeftAsync(PublishRig rig)
    {
        (await rig.PublishAsync(Envelopes.Welcome(101), Envelopes.Welcome(102))).WasPublishedBy(100u, 100u);
        await NothingIsLeftAsync(rig);
    }

    private static async Task NothingIsLeftAsync(PublishRig rig) =>
        Assert.Equal("RATE_LIMITED", (await rig.PublishAsync(Envelopes.Welcome(103))).Failure(PublishErrorKind.ResourceExhausted).Reason);

    [Fact]
    public async Task An_outage_of_all_nodes_charges_no_limit()
    {
        await using var rig = await RigAsync();
        await using var gone = await FaultyNode.StartAsync(100);
        var nowhere = gone.Registered;
        await gone.DisposeAsync();
        rig.Registry.Set(nowhere);
        // The first find nobody at that address, the others a node that is held back.
        for (byte i = 0; i < 10; i++)
            (await rig.PublishAsync(Envelopes.Welcome(i), Envelopes.Application(i))).Failure(PublishErrorKind.Unavailable);
        rig.Registry.Set(rig.Nodes[0].Registered);
        await TwoAreLeftAsync(rig);
    }

    [Fact]
    public async Task A_transaction_found_unsent_after_its_caller_was_answered_is_not_charged()
    {
        var chain = new TestPublisher(Destination.AppChain);
        await using var rig = await RigAsync(services => services.RemoveAll<IEnvelopePublisher>().AddSingleton<IEnvelopePublisher>(chain));
        var settles = new TaskCompletionSource<EnvelopeOutcome>();
        chain.Settles = _ => settles.Task;
        (await rig.PublishAsync(Envelopes.Commit(1), Envelopes.Commit(2))).Failure(PublishErrorKind.DeadlineExceeded);
        await NothingIsLeftAsync(rig);

        settles.SetResult(EnvelopeOutcome.NotSent(new PublishError(PublishErrorKind.Unavailable, "withdrawn")));
        await Eventually.IsAsync(
            async () => (await rig.PublishAsync(Envelopes.Welcome(101))).Error is null, "the charges are refunded");
    }

    public static TheoryData<StatusCode> Refusals =>
    [
        StatusCode.InvalidArgument,
        StatusCode.FailedPrecondition,
        StatusCode.PermissionDenied,
        StatusCode.ResourceExhausted,
        StatusCode.Unauthenticated,
    ];

    [Theory, MemberData(nameof(Refusals))]
    public async Task A_refusal_of_a_node_charges_no_limit(StatusCode code)
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Behaviour = Faults.Refuses(code);
        for (byte i = 0; i < 4; i++) Assert.NotEqual("RATE_LIMITED", (await rig.PublishAsync(Envelopes.Welcome(i))).Error!.Reason);
        rig.Nodes[0].Behaviour = Faults.None;
        await TwoAreLeftAsync(rig);
    }

    public static TheoryData<string> Doubts => ["breaks off", "unavailable", "internal", "too few"];

    [Theory, MemberData(nameof(Doubts))]
    public async Task What_a_node_may_have_taken_stays_charged(string fault)
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Behaviour = fault switch
        {
            "breaks off" => Faults.BreaksOff,
            "unavailable" => Faults.Refuses(StatusCode.Unavailable),
            "internal" => Faults.Refuses(StatusCode.Internal),
            _ => Faults.TooFew,
        };
        Assert.NotEqual("RATE_LIMITED", (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome(1))).Error!.Reason);
        Assert.NotEqual("RATE_LIMITED", (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome(2))).Error!.Reason);
        await NothingIsLeftAsync(rig);
    }

    [Fact]
    public async Task What_one_node_may_have_taken_stays_charged_though_the_next_refuses_it()
    {
        await using var rig = await RigAsync(nodes: 2);
        rig.Nodes[0].Behaviour = Faults.BreaksOff;
        rig.Nodes[1].Behaviour = Faults.Refuses(StatusCode.InvalidArgument);
        for (byte i = 0; i < 2; i++)
            (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome(i))).Failure(PublishErrorKind.InvalidArgument);
        Assert.Equal([2, 2], rig.Calls);
        await NothingIsLeftAsync(rig);
    }

    [Fact]
    public async Task A_publish_that_could_not_be_signed_charges_no_limit()
    {
        await using var rig = await RigAsync(
            services => services.AddSingleton<ISigner>(SignerWithHook.FailingAt(Payers.Signer(), 1, 2, 3, 4)));
        for (byte i = 0; i < 4; i++) (await rig.PublishAsync(Envelopes.Welcome(i))).Failure(PublishErrorKind.Unavailable);
        await TwoAreLeftAsync(rig);
    }
}
