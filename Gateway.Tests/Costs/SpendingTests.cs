using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What the pipeline estimates, counts, and refuses to spend, in front of real nodes.</summary>
public sealed class SpendingTests
{
    [Fact]
    public async Task Authorizers_see_the_price_by_the_rates_of_the_moment_also_behind_a_change()
    {
        var seen = new List<CostEstimate>();
        await using var rig = await PublishRig.StartAsync(
            1, services => services.AddSingleton<IPublishAuthorizer>(new DelegateAuthorizer((context, _) =>
            {
                seen.Add(context.Cost);
                return ValueTask.FromResult(AuthorizationDecision.Allow);
            })));
        var now = (ulong)rig.Time.GetUtcNow().ToUnixTimeSeconds();
        Learn(rig, new Rates(1_000, 3, 0, 0, now), new Rates(5_000, 4, 0, 0, now + 60));

        var envelope = Envelopes.Welcome();
        (await rig.PublishAsync(envelope)).WasPublishedBy(100);
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        (await rig.PublishAsync(envelope, envelope)).WasPublishedBy(100, 100);

        var stored = Payers.Sign(envelope, 100).CalculateSize();
        Assert.Equal([1_000 + (3 * 60 * stored), 2 * (5_000 + (4 * 60 * stored))], seen.Select(cost => (int)cost.BroadcastNetwork.Value));
        Assert.All(seen, cost => Assert.Equal(cost.BroadcastNetwork, cost.Total));
        Assert.Equal(seen[0].Total + seen[1].Total, rig.Services.GetRequiredService<SpendLedger>().Total.Fees);
    }

    [Fact]
    public async Task Congestion_that_the_gateway_sees_makes_messages_more_expensive()
    {
        await using var rig = await PublishRig.StartAsync(1);
        Learn(rig, new Rates(1_000, 0, 10, 1, 1));
        rig.Services.GetRequiredService<OriginatorRates>().Count(100, 2);
        var outcome = await rig.PublishAsync(Envelopes.Welcome());
        Assert.Equal(new Picodollars(1_000 + (100 * 10)), outcome.Cost);
    }

    [Fact]
    public async Task Rates_that_jump_pause_publishing_until_they_come_down()
    {
        await using var rig = await PublishRig.StartAsync(1, services => services.Configure<CostsOptions>(costs => costs.MaxRateJump = 10));
        var now = (ulong)rig.Time.GetUtcNow().ToUnixTimeSeconds();
        Learn(
            rig,
            new Rates(1_000, 0, 0, 0, now),
            new Rates(10_000, 0, 0, 0, now + 60),
            new Rates(100_001, 0, 0, 0, now + 120),
            new Rates(20_000, 0, 0, 0, now + 180));

        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        Assert.Equal("SPENDING_PAUSED", error.Reason);
        Assert.NotNull(error.RetryAfter);
        Assert.Equal([2], rig.Calls);
        rig.Time.Advance(TimeSpan.FromSeconds(60));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
    }

    [Fact]
    public async Task A_message_that_is_too_expensive_is_refused_alone_and_by_its_index()
    {
        await using var rig = await PublishRig.StartAsync(
            1, services => services.Configure<CostsOptions>(costs => costs.MaxMessagePrice = 100));
        Learn(rig, new Rates(0, 1_000, 0, 0, 1));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
        var error = (await rig.PublishAsync(Envelopes.Welcome(), Envelopes.Welcome(size: 2_000))).Failure(PublishErrorKind.Unavailable);
        Assert.Equal(("MESSAGE_OVERPRICED", 1), (error.Reason, error.EnvelopeIndex));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
        Assert.Equal([2], rig.Calls);
    }

    [Fact]
    public async Task Spending_is_counted_by_identity_and_day_and_forgotten_after_its_days()
    {
        await using var rig = await PublishRig.StartAsync(1);
        Learn(rig, new Rates(7, 0, 0, 0, 1));
        var ledger = rig.Services.GetRequiredService<SpendLedger>();
        for (var day = 0; day < SpendLedger.KeptDays + 2; day++)
        {
            (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100);
            rig.Time.Advance(TimeSpan.FromDays(1));
        }

        var days = ledger.Days(identities: 10);
        Assert.Equal(SpendLedger.KeptDays, days.Count);
        Assert.All(days, day => Assert.Equal((1L, new Picodollars(7)), (day.Identities.Single().Spend.Messages, day.Total.Fees)));
        Assert.Equal(SpendLedger.KeptDays + 2, ledger.Total.Messages);
    }

    [Fact]
    public void The_top_spenders_of_a_day_are_kept_and_the_others_are_summed()
    {
        var time = new FakeTimeProvider();
        var ledger = new SpendLedger(time);
        for (var i = 0; i < 5_000; i++)
            ledger.Record(new ClientIdentity("jwt", $"{i}"), new SpendFigures(1, new Picodollars(i + 1), Picodollars.Zero, default));
        time.Advance(TimeSpan.FromDays(1));
        ledger.Record(new ClientIdentity("jwt", "next"), new SpendFigures(1, default, default, default));

        var day = ledger.Days(identities: 10_000)[1];
        Assert.Equal(1_000, day.Identities.Count);
        Assert.Equal("others", day.Identities[0].Identity.Kind);
        Assert.Equal(Enumerable.Range(4_001, 999).Reverse().Select(i => $"{i}"), day.Identities.Skip(1).Select(one => one.Identity.Value));
        Assert.Equal(5_000, day.Identities.Sum(one => one.Spend.Messages));
        Assert.Equal(90, SpendLedger.KeptDays);
    }

    private static void Learn(PublishRig rig, params Rates[] rates) =>
        Assert.True(rig.Services.GetRequiredService<RateCache>().Learn(new RateSchedule(rates), rig.Time.GetUtcNow()));
}
