using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.BroadcastNetwork;

/// <summary>What one node refuses, another is asked.</summary>
public class NodeRefusalTests
{
    private const string DatabaseUnavailable =
        "could not calculate congestion fee: failed to connect to `user=xmtpd database=replication`: 10.0.0.7:5432 (db.internal): dial " +
        "error: connection refused";

    private static Task<PublishRig> RigOfManyAsync(int nodes = 2) =>
        PublishRig.StartAsync(nodes, services => services.Replace(ServiceDescriptor.Singleton<IIdentityResolver, EachAnother>()));

    public static TheoryData<StatusCode, string> Refusals => new()
    {
        { StatusCode.InvalidArgument, DatabaseUnavailable },
        { StatusCode.InvalidArgument, "internal: could not validate key package" },
        { StatusCode.InvalidArgument, "invalid target originator" },
        { StatusCode.InvalidArgument, "who knows" },
        { StatusCode.PermissionDenied, "request has failed" },
        { StatusCode.FailedPrecondition, "request has failed" },
    };

    [Theory, MemberData(nameof(Refusals))]
    public async Task What_one_node_refuses_another_one_takes(StatusCode code, string text)
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Refuses(code, text);
        foreach (var outcome in await Task.WhenAll(Callers.Messages().Select(message => rig.PublishAsync(message))))
            outcome.WasPublishedBy(200u);
        Assert.Equal((0, 16), (rig.Nodes[0].Store.Charged, rig.Nodes[1].Store.Charged));
    }

    [Fact]
    public async Task A_refusal_of_two_nodes_is_final_with_the_more_specific_text()
    {
        await using var rig = await PublishRig.StartAsync(3);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "request has failed");
        rig.Nodes[1].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "retention is too short");
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.InvalidArgument);
        Assert.Contains("retention is too short", error.Message);
        Assert.Equal([1, 1, 0], rig.Calls);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 1)]
    public async Task With_one_node_or_one_attempt_its_refusal_is_final(int nodes, int attempts)
    {
        await using var rig = await PublishRig.StartAsync(
            nodes, services => services.Configure<BroadcastNetworkOptions>(payer => payer.EnvelopePublishRetries = attempts));
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "retention is too short");
        (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.InvalidArgument);
        Assert.Equal(1, rig.Calls.Sum());
    }

    [Fact]
    public async Task Nodes_that_disagree_on_the_reason_are_outvoted_by_a_third()
    {
        await using var rig = await PublishRig.StartAsync(3);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "no");
        rig.Nodes[1].Behaviour = Faults.Refuses(StatusCode.PermissionDenied, "no");
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(300u);
    }

    [Fact]
    public async Task Internal_faults_of_all_nodes_are_UNAVAILABLE_without_their_details()
    {
        await using var rig = await PublishRig.StartAsync(2);
        foreach (var node in rig.Nodes) node.Behaviour = Faults.Refuses(StatusCode.InvalidArgument, DatabaseUnavailable);
        var error = (await rig.PublishAsync(Envelopes.Welcome())).Failure(PublishErrorKind.Unavailable);
        foreach (var secret in new[] { "xmtpd", "replication", "10.0.0.7", "db.internal", "dial" })
            Assert.DoesNotContain(secret, error.Message);
        Assert.NotNull(error.RetryAfter);
    }

    [Theory]
    [InlineData("bad envelope, stored by user=xmtpd")]
    [InlineData("bad envelope, SQLSTATE 25006")]
    public async Task No_text_that_names_users_or_databases_reaches_a_caller(string text)
    {
        await using var rig = await PublishRig.StartAsync(1);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, text);
        Assert.DoesNotContain("bad envelope", (await rig.PublishAsync(Envelopes.Welcome())).Error!.Message);
    }

    [Fact]
    public async Task A_node_that_alone_refuses_what_others_accept_is_avoided_with_backoff_and_shows_in_health_and_metrics()
    {
        await using var rig = await RigOfManyAsync();
        using var measured = new Measured(
            rig.Services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Xmtp.Gateway.Publishing");
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, DatabaseUnavailable);
        foreach (var message in Callers.Messages()) (await rig.PublishAsync(message)).WasPublishedBy(200u);
        Assert.Equal(3, rig.Nodes[0].Calls);
        Assert.Equal(
            (3, 1),
            (measured.Sum(
                "xmtp_gateway_node_refused_alone_total"), measured.Sum("xmtp_gateway_node_bans_total", ("originator_id", "100"))));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync(rig));

        // After 10 s three more, after 20 s it is sound again.
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        foreach (var message in Callers.Messages()) (await rig.PublishAsync(message)).WasPublishedBy(200u);
        Assert.Equal(6, rig.Nodes[0].Calls);
        rig.Nodes[0].Behaviour = Faults.None;
        rig.Time.Advance(TimeSpan.FromSeconds(19));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(200u);
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(rig));
    }

    [Fact]
    public async Task Health_names_nodes_that_do_not_answer_and_is_degraded_when_none_does()
    {
        await using var rig = await PublishRig.StartAsync(1);
        await rig.Nodes[0].DisposeAsync();
        for (var tries = 0; tries < 3; tries++) await rig.PublishWhileTimePassesAsync(Envelopes.Welcome((byte)tries));
        var found = await new NodesHealth(rig.Registry, connections: rig.Services.GetRequiredService<NodeConnections>())
            .CheckHealthAsync(new HealthCheckContext());
        Assert.Equal((HealthStatus.Degraded, "none of 1 nodes answers"), (found.Status, found.Description));
    }

    [Fact]
    public async Task A_node_that_answers_errors_to_everyone_is_avoided_too()
    {
        await using var rig = await RigOfManyAsync();
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.Unknown, "unknown error");
        foreach (var message in Callers.Messages().Take(3)) (await rig.PublishWhileTimePassesAsync(message)).WasPublishedBy(200u);
        foreach (var message in Callers.Messages().Skip(3)) (await rig.PublishAsync(message)).WasPublishedBy(200u);
        Assert.Equal(3, rig.Nodes[0].Calls);
    }

    [Fact]
    public async Task A_banned_node_serves_when_no_other_can()
    {
        await using var rig = await RigOfManyAsync();
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "no");
        foreach (var message in Callers.Messages()) await rig.PublishAsync(message);
        rig.Nodes[0].Behaviour = Faults.None;
        rig.Registry.Set(rig.Nodes[0].Registered);
        (await rig.PublishAsync(Envelopes.Welcome())).WasPublishedBy(100u);
    }

    [Theory]
    [InlineData(StatusCode.FailedPrecondition, "request has failed")]
    [InlineData(StatusCode.InvalidArgument, "DependsOn exceeds last seen")]
    public async Task Refusals_of_the_balance_and_of_dependencies_ban_no_node(StatusCode code, string text)
    {
        await using var rig = await RigOfManyAsync();
        rig.Nodes[0].Behaviour = Faults.Refuses(code, text);
        foreach (var message in Callers.Messages()) (await rig.PublishWhileTimePassesAsync(message)).WasPublishedBy(200u);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(rig));
    }

    [Fact]
    public async Task Refusals_of_one_identitys_envelopes_ban_no_node()
    {
        await using var rig = await PublishRig.StartAsync(2);
        rig.Nodes[0].Behaviour = Faults.Refuses(StatusCode.InvalidArgument, "no");
        foreach (var message in Callers.Messages()) (await rig.PublishAsync(message)).WasPublishedBy(200u);
        Assert.Equal(16, rig.Nodes[0].Calls);
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(rig));
    }

    private static async Task<HealthStatus> HealthAsync(PublishRig rig) =>
        (await new NodesHealth(rig.Registry, rig.Services.GetRequiredService<RefusalBans>())
            .CheckHealthAsync(new HealthCheckContext())).Status;
}
