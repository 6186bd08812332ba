using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>A message that depends on a commit which the node has not seen yet.</summary>
public class DependencyTests
{
    private static readonly NodeBehaviour Behind = Faults.Refuses(StatusCode.InvalidArgument, "DependsOn has not been seen by this node");

    // Refuses until the rig's clock has gone on so far since the start.
    private static NodeBehaviour SeesAfter(PublishRig rig, TimeSpan lag)
    {
        var from = rig.Time.GetTimestamp();
        return call => rig.Time.GetElapsedTime(from) < lag ? Behind(call) : Faults.None(call);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    [InlineData(300)]
    public async Task A_node_that_is_slightly_behind_accepts_the_retry(int lag)
    {
        await using var rig = await PublishRig.StartAsync(
            2, services => services.Configure<BroadcastNetworkOptions>(payer => payer.EnvelopePublishRetries = 1));
        rig.Nodes[0].Behaviour = SeesAfter(rig, TimeSpan.FromMilliseconds(lag));
        var publishes = Task.WhenAll(Callers.Messages().Select(message => rig.PublishAsync(message)));
        await Eventually.IsAsync(
            () =>
            {
                if (!publishes.IsCompleted) rig.Time.Advance(TimeSpan.FromMilliseconds(20));
                return publishes.IsCompleted;
            },
            "all are published");
        foreach (var outcome in await publishes) outcome.WasPublishedBy(100u);
        Assert.Equal((16, 0), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Calls));
    }

    [Fact]
    public async Task A_node_whose_indexer_is_stuck_is_replaced_by_another_one()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Behind;
        (await rig.PublishWhileTimePassesAsync(Envelopes.Application())).WasPublishedBy(200u);
        Assert.Equal([3, 1], rig.Calls);
    }

    [Fact]
    public async Task What_no_node_has_seen_is_the_requests_fault()
    {
        await using var rig = await PublishRig.StartAsync(3);
        foreach (var node in rig.Nodes) node.Behaviour = Behind;
        var error = (await rig.PublishWhileTimePassesAsync(Envelopes.Application())).Failure(PublishErrorKind.InvalidArgument);
        Assert.Contains("has not been seen", error.Message);
        Assert.Equal([3, 3, 0], rig.Calls);
    }

    [Fact]
    public async Task A_caller_that_cancels_between_attempts_ends_them_and_is_not_charged()
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Behind;
        using var cancellation = new CancellationTokenSource();
        var publish = rig.PublishAsync(TimeSpan.FromSeconds(100), cancellation.Token, Envelopes.Application());
        await rig.Nodes[0].ArrivesAsync();
        await cancellation.CancelAsync();
        (await rig.WhileTimePassesAsync(publish)).Failure(PublishErrorKind.Cancelled);
        Assert.Equal(0, rig.Nodes[0].Store.Charged);
    }
}
