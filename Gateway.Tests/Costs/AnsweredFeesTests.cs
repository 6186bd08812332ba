using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What a publish costs is what the node signed; estimates are for what is not answered yet.</summary>
public sealed class AnsweredFeesTests
{
    private const ulong MessageFee = 1_000, CongestionFee = 10;

    [Fact]
    public async Task Logged_and_counted_costs_equal_those_of_the_answers()
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Behaviour = Faults.Charges(1_000, 70);
        Assert.Equal(new Picodollars(2 * 1_070), (await rig.PublishAsync(Envelopes.Welcome(1), Envelopes.KeyPackage(2))).Cost);
        Assert.Equal(new Picodollars(2 * 1_070), Spent(rig).Fees);

        // None that has rates answers so: the estimate stands.
        rig.Nodes[0].Behaviour = Faults.None;
        Assert.Equal(new Picodollars(1_000), (await rig.PublishAsync(Envelopes.Welcome(1))).Cost);
        Assert.Equal((3L, new Picodollars(3_140)), (Spent(rig).Messages, Spent(rig).Fees));
    }

    [Theory]
    [InlineData(1_000, 0, 10)]
    [InlineData(1_000, 500, 7)]
    [InlineData(400, 0, 23)]
    public async Task A_budget_is_settled_by_the_answers(ulong baseFee, ulong congestionFee, int publishes)
    {
        await using var rig = await RigAsync(budget: 10_000);
        rig.Nodes[0].Behaviour = Faults.Charges(baseFee, congestionFee);
        for (var i = 0; i < publishes; i++) (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal("BUDGET_SPENT", (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.ResourceExhausted).Reason);
        Assert.Equal(publishes, rig.Nodes[0].Calls);
    }

    [Fact]
    public async Task A_refusal_costs_its_callers_budget_nothing_also_under_congestion()
    {
        await using var rig = await RigAsync(budget: 3 * (1_000 + (100 * (int)CongestionFee)), target: 1);
        rig.Services.GetRequiredService<OriginatorRates>().Count(100, 2);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument);
        for (var i = 0; i < 4; i++)
        {
            (await rig.PublishAsync(Envelopes.Welcome(1), Envelopes.Welcome(2), Envelopes.Welcome(3)))
                .Failure(PublishErrorKind.InvalidArgument);
        }
        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome(1), Envelopes.Welcome(2), Envelopes.Welcome(3))).WasPublishedBy(100u, 100u, 100u);
        Assert.Equal("BUDGET_SPENT", (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.ResourceExhausted).Reason);
    }

    [Fact]
    public async Task What_may_have_been_sent_stays_charged_by_its_estimate()
    {
        await using var rig = await RigAsync(budget: 2_000);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.Internal);
        (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        rig.Nodes[0].Behaviour = Faults.Charges(1_000);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.ResourceExhausted);
        Assert.Equal((1L, new Picodollars(1_000)), (Spent(rig).Messages, Spent(rig).Fees));
    }

    [Fact]
    public async Task Every_envelope_of_a_batch_counts_for_the_congestion_of_the_next()
    {
        var seen = new List<CostEstimate>();
        await using var rig = await RigAsync(
            target: 2, configure: services => services.AddSingleton<IPublishAuthorizer>(new DelegateAuthorizer((context, _) =>
            {
                seen.Add(context.Cost);
                return ValueTask.FromResult(AuthorizationDecision.Allow);
            })));
        (await rig.PublishAsync([.. Enumerable.Range(0, 5).Select(i => Envelopes.Welcome((byte)i))]))
            .WasPublishedBy(100u, 100u, 100u, 100u, 100u);

        // 0, 1, 2, 3 and 4 come before them in this minute, and three halves of the target are full congestion.
        Assert.Equal(new Picodollars((5 * 1_000) + (2 * 100 * (int)CongestionFee)), Assert.Single(seen).BroadcastNetwork);
    }

    [Theory]
    [InlineData(10 * (MessageFee + (100 * CongestionFee)), 100u)]
    [InlineData((10 * (MessageFee + (100 * CongestionFee))) + 1, 200u)]
    [InlineData(ulong.MaxValue, 200u)]
    public async Task Fees_far_over_the_rates_in_force_are_no_answer_and_count_nowhere(ulong fees, uint servedBy)
    {
        await using var rig = await RigAsync(nodes: 2);
        rig.Nodes[0].Behaviour = Faults.Charges(fees, fees == ulong.MaxValue ? fees : 0);
        rig.Nodes[1].Behaviour = Faults.Charges(1_000);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(servedBy);
        Assert.Equal(new Picodollars(servedBy == 200 ? 1_000 : (Int128)fees), Spent(rig).Fees);
    }

    [Fact]
    public async Task A_thousand_publishes_are_accounted_to_the_picodollar()
    {
        await using var node = await DevNode.StartAsync(
            new DevNodeOptions { NodeId = 300, Rates = _ => ValueTask.FromResult(new NodeRates(7_777, 13)) },
            TestContext.Current.CancellationToken);
        await using var rig = await PublishRig.StartAsync(0);
        Learn(rig, new Rates(7_777, 13, CongestionFee, 0, 1));
        rig.Registry.Set(new NetworkNode(300, node.Address, node.PublicKey, node.Signer));
        for (var i = 0; i < 1_000; i++) (await rig.PublishAsync(Envelopes.Welcome((byte)i, 50 + i))).WasPublishedBy(300u);

        var stored = node.Store.OfOriginator(300)
            .Select(envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(Unsigned(envelope.Bytes).Span))
            .ToList();
        Assert.Equal(1_000, stored.Count);
        Assert.Equal(
            new Picodollars(stored.Aggregate((Int128)0, (sum, one) => sum + one.BaseFeePicodollars + one.CongestionFeePicodollars)),
            Spent(rig).Fees);
    }

    private static ReadOnlyMemory<byte> Unsigned(ReadOnlyMemory<byte> envelope)
    {
        Assert.True(OriginatorEnvelopeView.TryRead(envelope, out var view));
        return view.UnsignedEnvelope;
    }

    private static SpendFigures Spent(PublishRig rig) => rig.Services.GetRequiredService<SpendLedger>().Total;

    private static async Task<PublishRig> RigAsync(
        int nodes = 1, int budget = 0, ulong target = 0, Action<IServiceCollection>? configure = null)
    {
        var rig = await PublishRig.StartAsync(nodes, services =>
        {
            if (budget > 0)
            {
                services.Configure<LimitsOptions>(
                    limits => limits.Budgets.Add(new Budget(new Picodollars(budget), BudgetPeriod.Day))).AddPublishAuthorization();
            }
            configure?.Invoke(services);
        });
        Learn(rig, new Rates(MessageFee, 0, CongestionFee, target, 1));
        return rig;
    }

    private static void Learn(PublishRig rig, Rates rates) =>
        Assert.True(rig.Services.GetRequiredService<RateCache>().Learn(new RateSchedule([rates]), rig.Time.GetUtcNow()));
}
