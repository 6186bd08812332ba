using System.Net;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class FaultyNodeTests : IAsyncLifetime
{
    private DevNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 200 }, Cancel);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    public static TheoryData<NodeFaults, StatusCode, string> RefusedBeforeStaging => new()
    {
        { new NodeFaults { StorageUnavailable = true }, StatusCode.InvalidArgument, "10.0.12.7:5432" },
        { new NodeFaults { ValidationUnavailable = true }, StatusCode.InvalidArgument, "internal: could not validate key package" },
        { new NodeFaults { RatesStale = true }, StatusCode.InvalidArgument, "older than 60 minutes" },
        { new NodeFaults { OtherNode = true }, StatusCode.InvalidArgument, "invalid target originator" },
        { new NodeFaults { DatabaseReadOnly = true }, StatusCode.Unknown, "unknown error" },
        { new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.ResourceExhausted, "too many of 10.0.0.1") },
            StatusCode.ResourceExhausted,
            "request has failed" },
        { new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.Internal, "a stack trace") },
            StatusCode.Internal,
            "internal server error" },
        { new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.InvalidArgument, "its own words") },
            StatusCode.InvalidArgument,
            "its own words" },
    };

    [Theory, MemberData(nameof(RefusedBeforeStaging))]
    public async Task What_a_faulty_node_refuses_is_not_staged_and_another_one_accepts_it(NodeFaults faults, StatusCode status, string text)
    {
        _node.Faults = faults;
        var answer = await PublishAsync();
        Assert.Equal(status, answer.Status);
        Assert.Contains(text, answer.Message);
        Assert.Equal(0, _node.Staged + _node.Store.Count);
        _node.Faults = NodeFaults.None;
        Assert.Equal(StatusCode.OK, (await PublishAsync()).Status);
    }

    [Fact]
    public async Task Without_its_validation_service_it_accepts_everything_but_key_packages()
    {
        _node.Faults = new NodeFaults { ValidationUnavailable = true };
        Assert.Equal(StatusCode.OK, (await RawPublish.PublishAsync(_node.Address, null, Payers.Sign(Envelopes.Welcome(), 200))).Status);
    }

    [Fact]
    public async Task Without_its_database_it_answers_no_question_and_read_only_it_does()
    {
        await PublishAsync();
        using var channel = GrpcChannel.ForAddress(_node.Address);
        var query = new QueryEnvelopesRequest { Query = new EnvelopesQuery { OriginatorNodeIds = { 200 } } };
        _node.Faults = new NodeFaults { StorageUnavailable = true };
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await new QueryApi.QueryApiClient(channel).QueryEnvelopesAsync(query, cancellationToken: Cancel));
        Assert.Equal((StatusCode.Internal, "internal server error"), (error.StatusCode, error.Status.Detail));
        _node.Faults = new NodeFaults { DatabaseReadOnly = true };
        Assert.Single((await new QueryApi.QueryApiClient(channel).QueryEnvelopesAsync(query, cancellationToken: Cancel)).Envelopes);
    }

    [Fact]
    public async Task A_node_that_does_not_know_its_own_originator_yet_accepts_publishes_and_hides_them()
    {
        using var channel = GrpcChannel.ForAddress(_node.Address);
        var query = new QueryEnvelopesRequest { Query = new EnvelopesQuery { OriginatorNodeIds = { 200 } } };
        _node.Faults = new NodeFaults { OriginatorHidden = true };
        Assert.Equal(StatusCode.OK, (await PublishAsync()).Status);
        Assert.Empty((await new QueryApi.QueryApiClient(channel).QueryEnvelopesAsync(query, cancellationToken: Cancel)).Envelopes);
        _node.Faults = NodeFaults.None;
        Assert.Single((await new QueryApi.QueryApiClient(channel).QueryEnvelopesAsync(query, cancellationToken: Cancel)).Envelopes);
    }

    [Fact]
    public async Task An_envelope_with_an_error_after_staging_is_published_once()
    {
        _node.Faults = new NodeFaults { AfterStaging = PublishFault.Answer(StatusCode.Unavailable) };
        Assert.Equal(StatusCode.Unavailable, (await PublishAsync()).Status);
        await Eventually.IsAsync(() => _node.Store.Count == 1, "it is inserted");
    }

    [Fact]
    public async Task A_connection_is_reset_before_or_after_staging_and_another_one_works()
    {
        _node.Faults = new NodeFaults { BeforeStaging = PublishFault.Reset() with { Calls = 1 } };
        await Assert.ThrowsAnyAsync<HttpRequestException>(PublishAsync);
        Assert.Equal(0, _node.Staged + _node.Store.Count);
        _node.Faults = new NodeFaults { AfterStaging = PublishFault.Reset() with { Calls = 1 } };
        await Assert.ThrowsAnyAsync<HttpRequestException>(PublishAsync);
        await Eventually.IsAsync(() => _node.Store.Count == 1, "it is inserted");
        Assert.Equal(StatusCode.OK, (await PublishAsync()).Status);
    }

    [Fact]
    public async Task A_reset_ends_every_call_on_the_connection()
    {
        _node.Faults = new NodeFaults { WorkerStuck = true };
        using var channel = GrpcChannel.ForAddress(_node.Address);
        var client = new PublishApi.PublishApiClient(channel);
        var waits = client.PublishPayerEnvelopesAsync(
            Payers.Request(Payers.Sign(Envelopes.Welcome(), 200)), cancellationToken: Cancel).ResponseAsync;
        await Eventually.IsAsync(() => _node.Staged == 1, "it is staged");
        _node.Faults = new NodeFaults { WorkerStuck = true, BeforeStaging = PublishFault.Reset() };
        await Assert.ThrowsAsync<RpcException>(
            async () => await client.PublishPayerEnvelopesAsync(
                Payers.Request(Payers.Sign(Envelopes.Welcome(2), 200)), cancellationToken: Cancel));
        await Assert.ThrowsAsync<RpcException>(() => waits);
    }

    [Fact]
    public async Task An_edge_answers_with_a_page_that_has_no_status_of_gRPC()
    {
        _node.Faults = new NodeFaults { BeforeStaging = PublishFault.Page(403) };
        var answer = await PublishAsync();
        Assert.Equal(HttpStatusCode.Forbidden, answer.Http);
        Assert.Null(answer.Status);
    }

    [Fact]
    public async Task A_hanging_node_answers_nothing_after_the_deadline_and_still_stops()
    {
        var time = new FakeTimeProvider();
        await using var hangs = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300, Time = time }, Cancel);
        hangs.Faults = new NodeFaults { AfterStaging = PublishFault.Hang() };
        var call = RawPublish.PublishAsync(hangs.Address, "1S", Payers.Sign(Envelopes.Welcome(), 300));
        await Eventually.IsAsync(() => hangs.Store.Count == 1, "it is inserted");
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(call.IsCompleted);
        await hangs.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
    }

    [Fact]
    public async Task A_fault_counts_its_calls()
    {
        _node.Faults = new NodeFaults { BeforeStaging = PublishFault.Answer(StatusCode.Aborted) with { Every = 3, Calls = 2 } };
        var answers = new List<StatusCode?>();
        for (var i = 0; i < 10; i++) answers.Add((await PublishAsync()).Status);
        Assert.Equal([2, 5], Enumerable.Range(0, 10).Where(i => answers[i] == StatusCode.Aborted));
    }

    private Task<RawPublish> PublishAsync() => RawPublish.PublishAsync(_node.Address, null, Payers.Sign(Envelopes.KeyPackage(), 200));
}
