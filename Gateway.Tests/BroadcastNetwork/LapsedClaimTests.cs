using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>A gateway that did not run, or could not renew its claims, for longer than their lease.</summary>
public sealed class LapsedClaimTests
{
    private static readonly TimeSpan LongerThanALease = TimeSpan.FromSeconds(31);

    [Fact]
    public async Task A_message_whose_claim_may_have_ended_before_it_was_sent_is_not_sent_and_its_resend_is_published_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        var gate = new TaskCompletionSource();
        var signer = new SignerWithHook(Payers.Signer(), _ => gate.Task);
        await using var rig = await PublishRig.StartAsync(1, services => Share(services, connection, signer));
        var publish = rig.PublishAsync(Envelopes.Welcome());
        await Eventually.IsAsync(() => signer.Count == 1, "it is being signed");
        await redis.StopAsync();
        rig.Time.Advance(LongerThanALease);
        gate.SetResult();

        var error = (await publish).Failure(PublishErrorKind.Unavailable);
        Assert.Equal("PUBLISH_STORE_UNAVAILABLE", error.Reason);
        Assert.Contains("was not sent", error.Message, StringComparison.Ordinal);
        Assert.Equal([0], rig.Calls);

        await redis.ContinueAsync();
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(1, rig.Nodes[0].Store.TimesCharged(Envelopes.Welcome()));
    }

    [Fact]
    public async Task A_message_whose_claim_may_have_ended_while_it_waited_for_a_shared_call_is_not_sent()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        await using var rig = await CoalescingRig.StartAsync(configure: services => Share(services, connection, Payers.Signer()));
        await rig.HoldAsync();
        var publish = rig.PublishAsync("a", Envelopes.Application());
        await rig.QueuedAsync();
        await redis.StopAsync();
        rig.Rig.Time.Advance(LongerThanALease);

        var error = (await publish).Failure(PublishErrorKind.Unavailable);
        Assert.Equal("PUBLISH_STORE_UNAVAILABLE", error.Reason);
        Assert.Contains("was not sent", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, rig.Node.Store.TimesCharged(Envelopes.Application()));
    }

    private static void Share(IServiceCollection services, ConnectionMultiplexer connection, ISigner signer) => services
        .Configure<IdempotencyOptions>(once => once.Window = TimeSpan.FromMinutes(10))
        .AddSingleton<ISigner>(signer)
        .AddSingleton<IPublishedStore>(provider => new RedisPublishedStore(
            () => connection.GetDatabase(),
            "lapsed:",
            provider.GetRequiredService<IOptions<IdempotencyOptions>>().Value,
            provider.GetRequiredService<IdempotencyMetrics>(),
            provider.GetRequiredService<TimeProvider>()));
}
