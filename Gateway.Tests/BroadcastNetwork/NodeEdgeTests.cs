using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Publishing.Pipeline;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>
/// What edges in front of nodes do to connections, and what it may not do to publishes. The clock of the rig stands
/// still: a node that is held back once stays so.
/// </summary>
public sealed class NodeEdgeTests : IAsyncLifetime
{
    private const uint Id = 300;
    private DevNode _node = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private int Stored => _node.Store.OfOriginator(Id).Count;

    public async ValueTask InitializeAsync() => _node = await DevNode.StartAsync(new DevNodeOptions { NodeId = Id }, Token);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task Behind_an_edge_that_recycles_connections_and_leaves_the_newest_calls_undone_none_fails_and_none_is_paid_twice()
    {
        await using var edge = new RecyclingEdge(_node.Address) { CallsPerConnection = 40 };
        await using var rig = await RigAsync(edge.Address);
        await PublishAsync(rig, callers: 64, each: 30);
        Assert.Equal(64 * 30, Stored);
        Assert.InRange(edge.Undone, edge.Connections - 1, int.MaxValue);
    }

    [Fact]
    public async Task Behind_nginx_that_recycles_connections_none_fails_and_none_is_paid_twice()
    {
        await using var edge = await NginxEdge.StartAsync(_node.Address);
        await using var rig = await RigAsync(edge.Address);
        await PublishAsync(rig, callers: 64, each: 30);
        Assert.Equal(64 * 30, Stored);
    }

    [Fact]
    public async Task A_refused_stream_is_sent_again_at_once_and_counts_as_no_attempt()
    {
        await using var edge = new RecyclingEdge(_node.Address) { RefusesEach = 3 };
        await using var rig = await RigAsync(edge.Address);
        await PublishAsync(rig, callers: 64, each: 10);
        Assert.Equal(64 * 10, Stored);
        Assert.InRange(edge.Refused, 64 * 10 / 3, int.MaxValue);
    }

    [Fact]
    public async Task A_node_that_refuses_every_stream_is_excluded_and_the_next_one_is_used()
    {
        await using var edge = new RecyclingEdge(_node.Address) { RefusesEach = 1 };
        await using var rig = await RigAsync(edge.Address, others: 1, attempts: 2);
        for (var i = 0; i < 3; i++) (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        var refused = edge.Refused;
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(refused, edge.Refused);
    }

    [Fact]
    public async Task The_next_connection_is_opened_when_the_node_ends_one_and_not_when_it_is_needed()
    {
        await using var edge = new RecyclingEdge(_node.Address);
        await using var rig = await RigAsync(edge.Address);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);
        await edge.RecycleAsync();
        await Eventually.IsAsync(() => edge.Connections == 2, "the next connection is opened");
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);
        Assert.Equal(2, edge.Connections);
    }

    [Fact]
    public async Task An_endpoint_that_closes_idle_connections_is_not_reconnected_endlessly()
    {
        await using var edge = new RecyclingEdge(_node.Address);
        await using var rig = await RigAsync(edge.Address);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);
        await edge.RecycleAsync();
        await Eventually.IsAsync(() => edge.Connections == 2, "the next connection is opened");
        await edge.RecycleAsync();
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);
        Assert.Equal(3, edge.Connections);
    }

    [Fact]
    public async Task The_end_of_a_connection_that_had_worked_excludes_no_node()
    {
        await using var edge = new RecyclingEdge(_node.Address);
        await using var rig = await RigAsync(edge.Address);
        for (var i = 0; i < 8; i++)
        {
            (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);
            edge.CutsTheNextAnswer = true;
            await PublishInDoubtAsync(rig);
        }

        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(Id);

        // A call whose answer was cut off may have been processed: it did not go out again.
        Assert.Equal(17, Stored);
    }

    [Fact]
    public async Task A_node_that_ends_every_connection_before_it_answers_is_excluded()
    {
        await using var edge = new RecyclingEdge(_node.Address) { EndsBeforeItAnswers = true };
        await using var rig = await RigAsync(edge.Address, others: 1, attempts: 2);
        using var measured = new Measured(
            rig.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Xmtp.Gateway.Publishing");
        for (var i = 0; i < 3; i++) (await PublishInDoubtAsync(rig)).WasPublishedBy(100u);
        Assert.True(measured.Sum("xmtp_gateway_node_excluded") > 0);
    }

    private static async Task PublishAsync(
        PublishRig rig, int callers, int each) => await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
        async () =>
        {
            for (var i = 0; i < each; i++) (await rig.PublishAsync(Envelopes.Welcome((byte)i, 1_000 + caller))).WasPublishedBy(Id);
        },
        Token)));

    // What may have been processed is not told at once.
    private static Task<PublishOutcome> PublishInDoubtAsync(PublishRig rig) =>
        rig.WhileTimePassesAsync(rig.PublishAsync(Envelopes.Welcome()), TimeSpan.FromMilliseconds(500));

    private async Task<PublishRig> RigAsync(Uri edge, int others = 0, int attempts = 1)
    {
        var rig = await PublishRig.StartAsync(others, services => services.Configure<BroadcastNetworkOptions>(payer =>
        {
            payer.PreferredNodes = [Id, 100u];
            payer.EnvelopePublishRetries = attempts;
        }));
        rig.Registry.Set([new NetworkNode(Id, edge, _node.PublicKey, _node.Signer), .. rig.Nodes.Select(other => other.Registered)]);
        return rig;
    }
}
