using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Publishing;

/// <summary>Publishes that are repeated, through the pipeline and real nodes.</summary>
public class IdempotentPublisherTests
{
    private static Task<PublishRig> RigAsync(
        int nodes = 1, Action<IServiceCollection>? configure = null) => PublishRig.StartAsync(nodes, services =>
    {
        services.Configure<IdempotencyOptions>(once => once.Window = TimeSpan.FromMinutes(10));
        configure?.Invoke(services);
    });

    private static byte[][] Bytes(PublishOutcome outcome)
    {
        Assert.Null(outcome.Error);
        return [.. outcome.Envelopes.Select(envelope => envelope.OriginatorEnvelope.ToArray())];
    }

    [Fact]
    public async Task A_resend_gets_the_first_answer_byte_for_byte_and_reaches_no_node()
    {
        await using var rig = await RigAsync();
        var envelope = Envelopes.Welcome(size: 5000);
        var first = Bytes(await rig.PublishAsync(envelope));
        Assert.Equal(first, Bytes(await rig.PublishAsync(envelope)));
        Assert.Equal([1], rig.Calls);
    }

    [Fact]
    public async Task After_the_window_it_is_published_again()
    {
        await using var rig = await RigAsync();
        await rig.PublishAsync(Envelopes.Welcome());
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([2], rig.Calls);
    }

    [Fact]
    public async Task The_same_envelope_twice_in_one_call_is_published_once_and_answered_twice()
    {
        await using var rig = await RigAsync();
        var sent = 0;
        rig.Nodes[0].Behaviour = call =>
        {
            Interlocked.Add(ref sent, call.Envelopes.Count);
            return Faults.None(call);
        };
        var answers = Bytes(await rig.PublishAsync(Envelopes.Welcome(), Envelopes.Welcome(2), Envelopes.Welcome()));
        Assert.Equal(answers[0], answers[2]);
        Assert.NotEqual(answers[0], answers[1]);
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task A_repetition_in_flight_waits_for_the_first()
    {
        await using var rig = await RigAsync();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = Faults.Waits(gate.Task);
        var first = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        var second = rig.PublishAsync(Envelopes.Welcome());
        Assert.False(second.IsCompleted);
        gate.SetResult();
        Assert.Equal(Bytes(await first), Bytes(await second));
        Assert.Equal([1], rig.Calls);
    }

    [Fact]
    public async Task When_the_first_fails_the_one_that_waits_publishes_itself()
    {
        await using var rig = await RigAsync();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = async call =>
        {
            await gate.Task;
            rig.Nodes[0].Behaviour = Faults.None;
            throw new RpcException(new Status(StatusCode.InvalidArgument, "no"));
        };
        var first = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        var second = rig.PublishAsync(Envelopes.Welcome());
        gate.SetResult();
        (await first).Failure(PublishErrorKind.InvalidArgument);
        (await second).WasPublishedBy(100u);
    }

    [Fact]
    public async Task A_repetition_that_waits_too_long_is_told_that_it_may_still_be_published()
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Behaviour = Faults.Silence;
        var first = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        var second = rig.PublishAsync(TimeSpan.FromSeconds(5), default, Envelopes.Welcome());
        rig.Time.Advance(TimeSpan.FromSeconds(5));
        var error = (await second).Failure(PublishErrorKind.DeadlineExceeded);
        Assert.Equal("PUBLISH_IN_FLIGHT", error.Reason);
        Assert.Equal(0, error.EnvelopeIndex);
        rig.Time.Advance(TimeSpan.FromMilliseconds(25_750));
        (await first).Failure(PublishErrorKind.Unavailable);
    }

    [Fact]
    public async Task A_repetition_that_waits_too_long_or_leaves_counts_in_the_limit_of_repetitions()
    {
        await using var rig = await RigAsync(configure: services =>
            services.Configure<LimitsOptions>(limits => limits.RepeatedCalls = 2).AddPublishAuthorization());
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = Faults.Waits(gate.Task);
        var first = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome());
        await cancellation.CancelAsync();
        (await left).Failure(PublishErrorKind.Cancelled);
        for (var i = 0; i < 2; i++)
        {
            var late = rig.PublishAsync(TimeSpan.FromMilliseconds(10), default, Envelopes.Welcome());
            rig.Time.Advance(TimeSpan.FromMilliseconds(10));
            Assert.Equal("PUBLISH_IN_FLIGHT", (await late).Failure(PublishErrorKind.DeadlineExceeded).Reason);
        }

        var over = rig.PublishAsync(TimeSpan.FromMilliseconds(10), default, Envelopes.Welcome());
        rig.Time.Advance(TimeSpan.FromMilliseconds(10));
        Assert.Equal("REPETITIONS_LIMITED", (await over).Failure(PublishErrorKind.ResourceExhausted).Reason);
        gate.SetResult();
        (await first).WasPublishedBy(100u);
    }

    [Fact]
    public async Task The_resend_of_a_half_done_batch_publishes_the_rest_alone()
    {
        await using var rig = await RigAsync();
        var sent = new List<int>();
        rig.Nodes[0].Behaviour = call =>
        {
            lock (sent) sent.Add(call.Envelopes.Count);
            return Faults.None(call);
        };
        ClientEnvelope[] batch = [Envelopes.Welcome(1), Envelopes.Welcome(2), Envelopes.Welcome(3)];
        var done = Bytes(await rig.PublishAsync(batch[0], batch[1]));
        var all = Bytes(await rig.PublishAsync(batch));
        Assert.Equal(done, all[..2]);
        Assert.Equal([2, 1], sent);
    }

    [Fact]
    public async Task The_result_of_an_abandoned_attempt_is_the_answer_to_the_retry()
    {
        await using var rig = await RigAsync();
        var gate = new TaskCompletionSource();
        rig.Nodes[0].Behaviour = Faults.Waits(gate.Task);
        using var cancellation = new CancellationTokenSource();
        var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome());
        await rig.Nodes[0].WaitsAsync();
        await cancellation.CancelAsync();
        var again = rig.PublishAsync(Envelopes.Welcome());
        (await left).Failure(PublishErrorKind.Cancelled);
        gate.SetResult();
        (await again).WasPublishedBy(100u);
        Assert.Equal([1], rig.Calls);
    }

    [Fact]
    public async Task Beyond_the_capacity_nothing_is_paid_twice_and_beyond_what_can_be_remembered_nothing_is_paid()
    {
        await using var rig = await RigAsync(configure: services => services.Configure<IdempotencyOptions>(once =>
        {
            once.Capacity = 1;
            once.MaxMarks = 1;
        }));
        (await rig.PublishAsync(Envelopes.Welcome(1))).WasPublishedBy(100u);
        (await rig.PublishAsync(Envelopes.Welcome(2))).WasPublishedBy(100u);

        Assert.Equal(
            "ALREADY_PUBLISHED", (await rig.PublishAsync(Envelopes.Welcome(1))).Failure(PublishErrorKind.FailedPrecondition).Reason);
        (await rig.PublishAsync(Envelopes.Welcome(2))).WasPublishedBy(100u);
        var error = (await rig.PublishAsync(Envelopes.Welcome(3))).Failure(PublishErrorKind.Unavailable);
        Assert.Equal(("NOT_REMEMBERED", TimeSpan.FromSeconds(5)), (error.Reason, error.RetryAfter));
        Assert.Equal([2], rig.Calls);
        rig.Time.Advance(TimeSpan.FromMinutes(10));
        (await rig.PublishAsync(Envelopes.Welcome(3))).WasPublishedBy(100u);
    }

    [Fact]
    public async Task A_failure_is_not_remembered()
    {
        await using var rig = await RigAsync();
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.FailedPrecondition, "insufficient balance");
        (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.FailedPrecondition);
        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
    }

    [Fact]
    public async Task Another_identity_publishes_the_same_bytes_for_itself()
    {
        await using var rig = await RigAsync(
            configure: services => services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, EachNew>()));
        await rig.PublishAsync(Envelopes.Welcome());
        await rig.PublishAsync(Envelopes.Welcome());
        Assert.Equal([2], rig.Calls);
    }

    [Fact]
    public async Task Replicas_answer_for_each_other_and_continue_alone_when_Redis_dies()
    {
        await using var redis = await RedisServer.StartAsync();
        void Shared(IServiceCollection services) => services
            .AddSingleton(TimeProvider.System)
            .Configure<RedisOptions>(store =>
            {
                store.ConnectionString = $"127.0.0.1:{redis.Port}";
                store.ConnectTimeout = TimeSpan.FromSeconds(5);
            });
        await using var one = await RigAsync(configure: Shared);
        await using var other = await RigAsync(configure: Shared);

        var first = Bytes(await one.PublishAsync(Envelopes.Welcome()));
        Assert.Equal(first, Bytes(await other.PublishAsync(Envelopes.Welcome())));
        Assert.Equal([1], one.Calls);
        Assert.Equal([0], other.Calls);

        await redis.KillAsync();
        Assert.Equal(first, Bytes(await one.PublishAsync(Envelopes.Welcome())));
        (await other.PublishAsync(Envelopes.Welcome(2))).WasPublishedBy(100u);
        (await other.PublishAsync(Envelopes.Welcome(2))).WasPublishedBy(100u);
        Assert.Equal([1], other.Calls);
    }

    [Fact]
    public async Task Redis_that_hangs_delays_one_wait_and_no_later_call()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var rig = await RigAsync(configure: services => services
            .AddSingleton(TimeProvider.System)
            .Configure<RedisOptions>(store => store.ConnectionString = $"127.0.0.1:{redis.Port}"));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        await using var admin = await redis.ConnectAsync();
        var hang = admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "5000", "ALL");
        for (byte i = 2; i < 12; i++) (await rig.PublishAsync(Envelopes.Welcome(i))).WasPublishedBy(100u);
        Assert.False(hang.IsFaulted);
        Assert.Equal([11], rig.Calls);
    }

    private sealed class EachNew : IIdentityResolver
    {
        private int _count;

        public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
            new(IdentityResult.Known(new ClientIdentity("test", $"{Interlocked.Increment(ref _count)}")));
    }
}
