using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

public class NodeCircuitBreakerTests
{
    [Fact]
    public async Task A_silent_node_causes_one_timeout_a_window_until_a_probe_succeeds()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Silence;

        await SilentTryAsync(rig, TimeSpan.FromMilliseconds(30_750));
        for (var i = 0; i < 5; i++) (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        Assert.Equal(1, rig.Nodes[0].Calls);

        // The first window is 10 s; the probe after it has 5 s, and others go past it meanwhile.
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        var probe = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        rig.Time.Advance(TimeSpan.FromMilliseconds(5_750));
        (await probe).WasPublishedBy(200u);
        Assert.Equal(2, rig.Nodes[0].Calls);

        // The second is twice as long.
        rig.Nodes[0].Behaviour = Faults.None;
        rig.Time.Advance(TimeSpan.FromSeconds(19));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
    }

    [Fact]
    public async Task An_unreachable_node_is_excluded_briefly_after_three_attempts()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Page(429);
        for (var i = 0; i < 10; i++) (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        Assert.Equal(3, rig.Nodes[0].Calls);

        rig.Nodes[0].Behaviour = Faults.None;
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
    }

    [Fact]
    public async Task A_signer_that_hangs_does_not_hold_the_probe_for_which_all_others_wait()
    {
        TaskCompletionSource? gate = null;
        var signer = new SignerWithHook(Payers.Signer(), _ => gate?.Task ?? Task.CompletedTask);
        await using var rig = await PublishRig.StartAsync(1, services => services.AddSingleton<ISigner>(signer));
        rig.Nodes[0].Behaviour = Faults.Page(429);
        for (byte i = 0; i < 3; i++) (await rig.PublishAsync(Envelopes.Welcome(i))).Failure(PublishErrorKind.Unavailable);
        rig.Nodes[0].Behaviour = Faults.None;
        rig.Time.Advance(TimeSpan.FromSeconds(1));

        var hangs = gate = new TaskCompletionSource();
        var hanging = rig.PublishAsync(Envelopes.Welcome(4));
        await Eventually.IsAsync(() => signer.Count == 4, "it is being signed");
        gate = null;
        (await rig.PublishAsync(Envelopes.Welcome(5))).WasPublishedBy(100u);

        Assert.False(hanging.IsCompleted);
        hangs.SetResult();
        (await hanging).WasPublishedBy(100u);
    }

    [Fact]
    public async Task An_answer_between_faults_forgives_them()
    {
        await using var rig = await PublishRig.StartAsync(2);
        for (var i = 0; i < 9; i++)
        {
            rig.Nodes[0].Behaviour = i % 3 == 2 ? Faults.None : Faults.Page(429);
            await rig.PublishAsync(Envelopes.Welcome());
        }

        Assert.Equal(9, rig.Nodes[0].Calls);
    }

    [Fact]
    public async Task Errors_that_a_request_can_cause_exclude_no_node()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.Internal);
        for (var i = 0; i < 10; i++) (await rig.PublishWhileTimePassesAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        Assert.Equal(10, rig.Nodes[0].Calls);
    }

    [Fact]
    public async Task A_callers_short_deadline_excludes_no_node()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.Silence;
        for (var i = 0; i < 5; i++)
        {
            var hasty = rig.PublishAsync(TimeSpan.FromMilliseconds(500), default, Envelopes.Welcome());
            await rig.Nodes[0].ArrivesAsync();
            rig.Time.Advance(TimeSpan.FromMilliseconds(500));
            (await hasty).Failure(PublishErrorKind.DeadlineExceeded);
        }

        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
    }

    [Fact]
    public async Task When_every_node_is_excluded_the_caller_gets_the_retry_time_at_once()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.Silence;
        var slow = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        rig.Time.Advance(TimeSpan.FromMilliseconds(30_750));
        (await slow).Failure(PublishErrorKind.Unavailable);

        rig.Time.Advance(TimeSpan.FromSeconds(4));
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        Assert.Equal(TimeSpan.FromSeconds(6), error.RetryAfter);
        Assert.Equal(1, rig.Nodes[0].Calls);
    }

    [Fact]
    public async Task A_caller_that_leaves_bans_no_node()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Silence;
        for (var i = 0; i < 5; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var left = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Welcome());
            await rig.Nodes[0].ArrivesAsync();
            await cancellation.CancelAsync();
            (await left).Failure(PublishErrorKind.Cancelled);
        }

        rig.Nodes[0].Behaviour = Faults.None;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal([6, 0], rig.Calls);
    }

    [Fact]
    public async Task All_attempts_share_one_deadline_and_a_silent_node_leaves_time_for_the_next()
    {
        await using var rig = await PublishRig.StartAsync(3);
        foreach (var node in rig.Nodes) node.Behaviour = Faults.Silence;
        var publish = rig.PublishAsync(TimeSpan.FromSeconds(40), default, Envelopes.Welcome());
        foreach (var (node, share) in rig.Nodes.Zip([20.75, 10.375, 8.875]))
        {
            await node.ArrivesAsync();
            rig.Time.Advance(TimeSpan.FromSeconds(share));
        }

        (await publish).Failure(PublishErrorKind.DeadlineExceeded);
        Assert.Equal([1, 1, 1], rig.Calls);
    }

    private static async Task SilentTryAsync(PublishRig rig, TimeSpan timeout)
    {
        var publish = rig.PublishAsync(Envelopes.Welcome());
        await rig.Nodes[0].ArrivesAsync();
        rig.Time.Advance(timeout);
        (await publish).WasPublishedBy(200u);
    }
}
