using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;
using SubscriptionStatus = Xmtp.Gateway.Protocol.Wire.SubscribeTopicsResponse.Types.SubscriptionStatus;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class NodeReadTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private DevNode _node = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ReplicationApi.ReplicationApiClient Api => new(_channel);

    public async ValueTask InitializeAsync()
    {
        _node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 200, Time = _time }, Cancel);
        _channel = GrpcChannel.ForAddress(_node.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_query_gets_what_comes_after_its_cursor_by_originator_and_number()
    {
        await PublishAsync(Envelopes.Welcome(1), Envelopes.Welcome(2), Envelopes.Welcome(1), Envelopes.Welcome(1));
        Assert.Equal([1ul, 3, 4], await QueryAsync(Topics(Envelopes.Welcome(1))));
        Assert.Equal([1ul, 2, 3, 4], await QueryAsync(Topics(Envelopes.Welcome(1), Envelopes.Welcome(2))));
        Assert.Equal([4ul], await QueryAsync(Topics(Envelopes.Welcome(1)), new Cursor { NodeIdToSequenceId = { { 200, 3 }, { 100, 9 } } }));
        Assert.Equal([1ul, 3], await QueryAsync(Topics(Envelopes.Welcome(1)), limit: 2));
        Assert.Equal(
            [2ul, 3, 4],
            await QueryAsync(new EnvelopesQuery { OriginatorNodeIds = { 200 } }, new Cursor { NodeIdToSequenceId = { { 200, 1 } } }));
        Assert.Empty(await QueryAsync(Topics(Envelopes.KeyPackage(1))));
        Assert.Empty(await QueryAsync(new EnvelopesQuery()));
    }

    [Fact]
    public async Task Both_names_of_the_service_answer_and_browsers_too()
    {
        await PublishAsync(Envelopes.Welcome(1));
        var request = new QueryEnvelopesRequest { Query = Topics(Envelopes.Welcome(1)) };
        using var web = GrpcChannel.ForAddress(_node.Address, new GrpcChannelOptions
        {
            HttpHandler = new GrpcWebHandler(GrpcWebMode.GrpcWeb, new HttpClientHandler()),
            HttpVersion = new Version(1, 1),
            HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        });
        var answers = new[]
        {
            await Api.QueryEnvelopesAsync(request, cancellationToken: Cancel),
            await new QueryApi.QueryApiClient(_channel).QueryEnvelopesAsync(request, cancellationToken: Cancel),
            await new QueryApi.QueryApiClient(web).QueryEnvelopesAsync(request, cancellationToken: Cancel),
        };
        Assert.All(
            answers,
            answer => Assert.Equal(_node.Store.OfOriginator(200)[0].Bytes.ToArray(), Assert.Single(answer.Envelopes).ToByteArray()));
        using var stream = new QueryApi.QueryApiClient(web).SubscribeTopics(Follow(Envelopes.Welcome(1)), cancellationToken: Cancel);
        Assert.Equal(SubscriptionStatus.Started, (await NextAsync(stream)).StatusUpdate.Status);
        Assert.Equal([1ul], Numbers((await NextAsync(stream)).Envelopes.Envelopes_));
    }

    [Fact]
    public async Task The_newest_envelope_of_each_topic_comes_in_the_requests_order_and_empty_where_there_is_none()
    {
        await PublishAsync(Envelopes.KeyPackage(1), Envelopes.KeyPackage(2), Envelopes.KeyPackage(1));
        var answer = await Api.GetNewestEnvelopeAsync(
            new GetNewestEnvelopeRequest
            {
                Topics = { TopicOf(Envelopes.KeyPackage(2)), TopicOf(Envelopes.KeyPackage(9)), TopicOf(Envelopes.KeyPackage(1)) },
            },
            cancellationToken: Cancel);
        Assert.Equal(
            [2ul, null, 3ul], answer.Results.Select(result => result.OriginatorEnvelope is { } envelope ? Number(envelope) : (ulong?)null));
    }

    [Fact]
    public async Task A_stream_of_topics_reports_its_cursor_and_delivers_each_envelope_once()
    {
        await PublishAsync(Envelopes.Welcome(1), Envelopes.Welcome(2), Envelopes.Welcome(1));
        var request = Follow(Envelopes.Welcome(1), Envelopes.Welcome(2));
        request.Filters[0].LastSeen = new Cursor { NodeIdToSequenceId = { { 200, 1 } } };
        using var stream = Api.SubscribeTopics(request, cancellationToken: Cancel);
        Assert.Equal(SubscriptionStatus.Started, (await NextAsync(stream)).StatusUpdate.Status);
        Assert.Equal([3ul, 2], Numbers((await NextAsync(stream)).Envelopes.Envelopes_));
        Assert.Equal(SubscriptionStatus.CatchupComplete, (await NextAsync(stream)).StatusUpdate.Status);
        await PublishAsync(Envelopes.KeyPackage(1), Envelopes.Welcome(2), Envelopes.Welcome(1));
        Assert.Equal([5ul, 6], Numbers((await NextAsync(stream)).Envelopes.Envelopes_));
        var waiting = NextAsync(stream);
        await Eventually.IsAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(30));
                return waiting.IsCompleted;
            },
            "a stream on which nothing happens says so");
        Assert.Equal(SubscriptionStatus.Waiting, (await waiting).StatusUpdate.Status);
    }

    [Fact]
    public async Task A_large_past_comes_in_batches()
    {
        for (var i = 0; i < 5; i++) await PublishAsync([.. Enumerable.Range(0, 50).Select(_ => Envelopes.Welcome(1))]);
        await PublishAsync(Envelopes.Welcome(1, 900_000), Envelopes.Welcome(1, 900_000));
        using var stream = Api.SubscribeTopics(Follow(Envelopes.Welcome(1)), cancellationToken: Cancel);
        await NextAsync(stream);
        var sizes = new List<int>();
        while (await NextAsync(stream) is { Envelopes: { } batch }) sizes.Add(batch.Envelopes_.Count);
        Assert.Equal([100, 100, 51, 1], sizes);
    }

    [Fact]
    public async Task The_older_streams_begin_with_an_empty_message_and_resume_from_a_cursor()
    {
        await PublishAsync(Envelopes.Welcome(1), Envelopes.Welcome(1));
        using var all = Api.SubscribeEnvelopes(
            new SubscribeEnvelopesRequest { Query = Topics(Envelopes.Welcome(1)) }, cancellationToken: Cancel);
        using var after = Api.SubscribeEnvelopes(
            new SubscribeEnvelopesRequest
            {
                Query = new EnvelopesQuery { OriginatorNodeIds = { 200 }, LastSeen = new Cursor { NodeIdToSequenceId = { { 200, 1 } } } },
            },
            cancellationToken: Cancel);
        using var nodes = Api.SubscribeOriginators(
            new SubscribeOriginatorsRequest { Filter = new() { OriginatorNodeIds = { 200 }, LastSeen = new Cursor() } },
            cancellationToken: Cancel);
        foreach (var first in new[] { all, after }) Assert.Empty((await NextAsync(first)).Envelopes);
        Assert.Null((await NextAsync(nodes)).Envelopes);
        Assert.Equal([2ul], Numbers((await NextAsync(after)).Envelopes));
        Assert.Equal([1ul, 2], Numbers((await NextAsync(nodes)).Envelopes.Envelopes_));
        await PublishAsync(Envelopes.Welcome(1));
        Assert.Equal([3ul], Numbers((await NextAsync(all)).Envelopes));
    }

    [Fact]
    public async Task A_node_that_stops_ends_its_streams()
    {
        using var stream = Api.SubscribeTopics(Follow(Envelopes.Welcome(1)), cancellationToken: Cancel);
        await NextAsync(stream);
        await NextAsync(stream);
        var end = stream.ResponseStream.MoveNext(Cancel);
        await _node.DisposeAsync();
        Assert.False(await end);
    }

    [Fact]
    public async Task An_invalid_query_is_refused_by_the_name_of_its_field()
    {
        var both = Topics(Envelopes.Welcome(1));
        both.OriginatorNodeIds.Add(200);
        await AssertRefusedAsync("by topics or by originators", () => QueryAsync(both));
        await AssertRefusedAsync(
            "query.topics[1]: 0 bytes",
            () => QueryAsync(new EnvelopesQuery { Topics = { TopicOf(Envelopes.Welcome(1)), ByteString.Empty } }));
        await AssertRefusedAsync(
            "query.topics[0]: 129 bytes", () => QueryAsync(new EnvelopesQuery { Topics = { ByteString.CopyFrom(new byte[129]) } }));
        var cursor = new Cursor();
        for (var i = 0u; i < 101; i++) cursor.NodeIdToSequenceId.Add(i, 1);
        await AssertRefusedAsync("query.last_seen: 101 originators", () => QueryAsync(Topics(Envelopes.Welcome(1)), cursor));
        using var none = Api.SubscribeTopics(new SubscribeTopicsRequest(), cancellationToken: Cancel);
        Assert.Equal(SubscriptionStatus.Started, (await NextAsync(none)).StatusUpdate.Status);
        await AssertRefusedAsync("filters: 0", () => NextAsync(none));
        await AssertRefusedAsync(
            "query: neither", () => NextAsync(Api.SubscribeEnvelopes(new SubscribeEnvelopesRequest(), cancellationToken: Cancel)));
        await AssertRefusedAsync(
            "filter.last_seen: missing",
            () => NextAsync(
                Api.SubscribeOriginators(
                    new SubscribeOriginatorsRequest { Filter = new() { OriginatorNodeIds = { 1 } } }, cancellationToken: Cancel)));
        var many = new GetInboxIdsRequest();
        for (var i = 0; i < 1001; i++) many.Requests.Add(new GetInboxIdsRequest.Types.Request { Identifier = "0x" });
        await AssertRefusedAsync("requests: 1001", async () => await Api.GetInboxIdsAsync(many, cancellationToken: Cancel));
    }

    private static async Task AssertRefusedAsync(string reason, Func<Task> ask)
    {
        var error = await Assert.ThrowsAsync<RpcException>(ask);
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains(reason, error.Status.Detail);
    }

    private static async Task<T> NextAsync<T>(AsyncServerStreamingCall<T> stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(Cancel), "the stream ended");
        return stream.ResponseStream.Current;
    }

    private async Task PublishAsync(params ClientEnvelope[] envelopes) =>
        await new PublishApi.PublishApiClient(_channel)
            .PublishPayerEnvelopesAsync(
                Payers.Request([.. envelopes.Select(envelope => Payers.Sign(envelope, 200))]), cancellationToken: Cancel);

    private async Task<IEnumerable<ulong>> QueryAsync(EnvelopesQuery query, Cursor? after = null, uint limit = 0)
    {
        query.LastSeen = after;
        return Numbers(
            (await Api.QueryEnvelopesAsync(
                new QueryEnvelopesRequest { Query = query, Limit = limit }, cancellationToken: Cancel)).Envelopes);
    }

    private static ByteString TopicOf(ClientEnvelope envelope) => envelope.Aad.TargetTopic;

    private static EnvelopesQuery Topics(params ClientEnvelope[] on) => new() { Topics = { on.Select(TopicOf) } };

    private static SubscribeTopicsRequest Follow(params ClientEnvelope[] on) =>
        new() { Filters = { on.Select(envelope => new SubscribeTopicsRequest.Types.TopicFilter { Topic = TopicOf(envelope) }) } };

    private static List<ulong> Numbers(IEnumerable<OriginatorEnvelope> envelopes) => [.. envelopes.Select(Number)];

    private static ulong Number(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorSequenceId;
}
