using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;
using Mutate = Xmtp.Gateway.Protocol.Wire.SubscribeRequest.Types.V1.Types.Mutate;
using Response = Xmtp.Gateway.Protocol.Wire.SubscribeResponse.Types.V1;
using Stream = Grpc.Core.AsyncDuplexStreamingCall<Xmtp.Gateway.Protocol.Wire.SubscribeRequest,
    Xmtp.Gateway.Protocol.Wire.SubscribeResponse>;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class NodeServiceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private DevNode _node = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await DevNode.StartAsync(
            new DevNodeOptions { NodeId = 200, Time = _time, Rates = _ => ValueTask.FromResult(new NodeRates(1_000, 0)) }, Cancel);
        _channel = GrpcChannel.ForAddress(_node.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _node.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_in_both_directions_brings_history_then_what_is_new_of_the_topics_that_its_reader_chose_last()
    {
        await PublishAsync(1, 2, 1);
        using var stream = await OpenAsync();
        await stream.RequestStream.WriteAsync(Change(7, [Add(1), Add(2, seen: 2)]), Cancel);
        var history = await NextAsync(stream);
        Assert.Equal((7ul, "1,3"), (history.Envelopes.MutateId, Numbers(history)));
        Assert.Equal(2, (await NextAsync(stream)).TopicsLive.Topics.Count);
        Assert.Equal(7ul, (await NextAsync(stream)).CatchupComplete.MutateId);

        await PublishAsync(2, 3);
        var live = await NextAsync(stream);
        Assert.Equal((0ul, "4"), (live.Envelopes.MutateId, Numbers(live)));
        await stream.RequestStream.WriteAsync(Change(8, [Add(3)], removes: 2), Cancel);
        Assert.Equal("5", Numbers(await NextAsync(stream)));
        Assert.Single((await NextAsync(stream)).TopicsLive.Topics);
        Assert.Equal(8ul, (await NextAsync(stream)).CatchupComplete.MutateId);
        await PublishAsync(2, 3);
        Assert.Equal("7", Numbers(await NextAsync(stream)));

        await stream.RequestStream.WriteAsync(Change(9, [Add(1)]), Cancel);
        Assert.Equal(9ul, (await NextAsync(stream)).CatchupComplete.MutateId);
    }

    [Fact]
    public async Task History_alone_and_a_half_closed_stream_ends_by_itself()
    {
        await PublishAsync(1);
        using var stream = await OpenAsync();
        var change = Change(1, [Add(1)]);
        change.V1.Mutate.HistoryOnly = true;
        await stream.RequestStream.WriteAsync(change, Cancel);
        await stream.RequestStream.CompleteAsync();
        Assert.Equal("1", Numbers(await NextAsync(stream)));
        Assert.Single((await NextAsync(stream)).TopicsLive.Topics);
        Assert.Equal(1ul, (await NextAsync(stream)).CatchupComplete.MutateId);
        Assert.False(await stream.ResponseStream.MoveNext(Cancel));
    }

    [Fact]
    public async Task Both_sides_send_keepalives_and_a_silent_reader_is_disconnected()
    {
        using var stream = await OpenAsync();
        await AskAsync(stream, 42);
        _time.Advance(TimeSpan.FromSeconds(30));
        var ping = (await NextAsync(stream)).Ping;
        await stream.RequestStream.WriteAsync(new SubscribeRequest { V1 = new() { Pong = new Pong { Nonce = ping.Nonce } } }, Cancel);
        await AskAsync(stream, 43);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(ping.Nonce + 1, (await NextAsync(stream)).Ping.Nonce);
        _time.Advance(TimeSpan.FromSeconds(30));
        var end = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.DeadlineExceeded, end.StatusCode);
    }

    [Fact]
    public async Task An_invalid_request_of_a_reader_ends_its_stream()
    {
        await AssertRefusedAsync("mutate.mutate_id", Change(0, [Add(1)]));
        await AssertRefusedAsync("mutate.adds[0].topic", Change(1, [new Mutate.Types.Subscription { Topic = ByteString.CopyFrom(9, 9) }]));
        await AssertRefusedAsync("version", new SubscribeRequest());
    }

    [Fact]
    public async Task Readers_of_push_services_get_everything_from_now_on()
    {
        await PublishAsync(1);
        using var stream = new NotificationApi.NotificationApiClient(_channel)
            .SubscribeAllEnvelopes(new SubscribeAllEnvelopesRequest(), cancellationToken: Cancel);
        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        Assert.Empty(stream.ResponseStream.Current.Envelopes);
        await Eventually.IsAsync(() => _node.Readers == 1, "it follows");
        await PublishAsync(1, 2);
        var numbers = new List<ulong>();
        while (numbers.Count < 2)
        {
            Assert.True(await stream.ResponseStream.MoveNext(Cancel));
            numbers.AddRange(stream.ResponseStream.Current.Envelopes.Select(Number));
        }

        Assert.Equal([2ul, 3], numbers);
    }

    [Fact]
    public async Task It_says_how_far_it_is_and_what_payers_spent()
    {
        var metadata = new MetadataApi.MetadataApiClient(_channel);
        Assert.NotEmpty((await metadata.GetVersionAsync(new GetVersionRequest(), cancellationToken: Cancel)).Version);
        using var stream = metadata.SubscribeSyncCursor(new GetSyncCursorRequest(), cancellationToken: Cancel);
        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        Assert.Empty(stream.ResponseStream.Current.LatestSync.NodeIdToSequenceId);
        await PublishAsync(1, 2);
        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        Assert.Equal(2ul, stream.ResponseStream.Current.LatestSync.NodeIdToSequenceId[200]);
        Assert.Equal(
            2ul,
            (await metadata.GetSyncCursorAsync(new GetSyncCursorRequest(), cancellationToken: Cancel)).LatestSync.NodeIdToSequenceId[200]);

        var payer = $"{Payers.Signer().Address}";
        var info = await metadata.GetPayerInfoAsync(new GetPayerInfoRequest { PayerAddresses = { payer } }, cancellationToken: Cancel);
        var hour = Assert.Single(info.PayerInfo[payer].PeriodSummaries);
        Assert.Equal((2_000ul, 2ul, 1_800_000_000ul), (hour.AmountSpentPicodollars, hour.NumMessages, hour.PeriodStartUnixSeconds));
        var unknown = await Assert.ThrowsAsync<RpcException>(
            async () => await metadata.GetPayerInfoAsync(
                new GetPayerInfoRequest { PayerAddresses = { $"{Payers.Signer(9).Address}" } }, cancellationToken: Cancel));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task With_the_flag_ReplicationApi_serves_followed_nodes_only()
    {
        await using var guarded = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300, RequireNodeAuth = true }, Cancel);
        await using var peer = await DevNode.StartAsync(new DevNodeOptions { NodeId = 400 }, Cancel);
        guarded.Follow(peer.AsPeer());
        peer.Follow(guarded.AsPeer());
        using var toGuarded = GrpcChannel.ForAddress(guarded.Address);
        var request = Payers.Request(Payers.Sign(Envelopes.Welcome(), 300));
        var refused = await Assert.ThrowsAsync<RpcException>(
            async () => await new ReplicationApi.ReplicationApiClient(toGuarded)
                .PublishPayerEnvelopesAsync(request, cancellationToken: Cancel));
        Assert.Equal((StatusCode.Unauthenticated, "request has failed"), (refused.StatusCode, refused.Status.Detail));
        Assert.Single(
            (await new PublishApi.PublishApiClient(toGuarded)
                .PublishPayerEnvelopesAsync(request, cancellationToken: Cancel)).OriginatorEnvelopes);
        await Eventually.IsAsync(() => peer.Store.LastSequenceId(300) == 1, "the peer is let in");
        var forged = new Metadata { { "node-authorization", $"400.{new string('0', 130)}" } };
        using var stream = new ReplicationApi.ReplicationApiClient(toGuarded)
            .SubscribeOriginators(new SubscribeOriginatorsRequest(), forged, cancellationToken: Cancel);
        Assert.Equal(
            StatusCode.Unauthenticated, (await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancel))).StatusCode);
    }

    private async Task AssertRefusedAsync(string reason, SubscribeRequest request)
    {
        using var stream = await OpenAsync();
        await stream.RequestStream.WriteAsync(request, Cancel);
        var error = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.StartsWith(reason, error.Status.Detail);
    }

    private async Task<Stream> OpenAsync()
    {
        var stream = new QueryApi.QueryApiClient(_channel).Subscribe(cancellationToken: Cancel);
        Assert.Equal(30_000u, (await NextAsync(stream)).Started.KeepaliveIntervalMs);
        return stream;
    }

    private static async Task AskAsync(Stream stream, ulong nonce)
    {
        await stream.RequestStream.WriteAsync(new SubscribeRequest { V1 = new() { Ping = new Ping { Nonce = nonce } } }, Cancel);
        Assert.Equal(nonce, (await NextAsync(stream)).Pong.Nonce);
    }

    private static async Task<Response> NextAsync(Stream stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(Cancel), "the stream ended");
        return stream.ResponseStream.Current.V1;
    }

    private static SubscribeRequest Change(ulong id, Mutate.Types.Subscription[] adds, byte? removes = null)
    {
        var mutate = new Mutate { MutateId = id, Adds = { adds } };
        if (removes is { } seed) mutate.Removes.Add(Envelopes.Welcome(seed).Aad.TargetTopic);
        return new SubscribeRequest { V1 = new() { Mutate = mutate } };
    }

    private static Mutate.Types.Subscription Add(byte seed, ulong seen = 0) =>
        new() { Topic = Envelopes.Welcome(seed).Aad.TargetTopic, LastSeen = new Cursor { NodeIdToSequenceId = { { 200, seen } } } };

    private async Task PublishAsync(params byte[] seeds) =>
        Assert.Equal(
            StatusCode.OK,
            (await RawPublish.PublishAsync(
                _node.Address, null, [.. seeds.Select(seed => Payers.Sign(Envelopes.Welcome(seed), 200))])).Status);

    private static string Numbers(Response frame) => string.Join(',', frame.Envelopes.Envelopes_.Select(Number));

    private static ulong Number(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorSequenceId;
}
