using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class StagedPublishTests : IAsyncLifetime
{
    private static readonly NodeFaults Stuck = new() { WorkerStuck = true };
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly string _folder = Directory.CreateTempSubdirectory("staged-").FullName;
    private DevNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _node = await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_is_staged_is_answered_when_the_worker_has_inserted_it()
    {
        _node.Faults = Stuck;
        var call = RawPublish.PublishAsync(_node.Address, null, Welcome(1), Welcome(2));
        await StagedAsync(2);
        Assert.Equal(0, _node.Store.Count);
        Assert.False(call.IsCompleted);
        _node.Faults = NodeFaults.None;
        var answer = await call;
        Assert.Equal(StatusCode.OK, answer.Status);
        Assert.Equal(
            answer.Envelopes.Select(envelope => envelope.ToByteString()),
            _node.Store.OfOriginator(200).Select(stored => ByteString.CopyFrom(stored.Bytes.Span)));
        Assert.Equal(0, _node.Staged);
    }

    [Fact]
    public async Task A_worker_that_is_slow_inserts_so_much_later()
    {
        _node.Faults = new NodeFaults { WorkerDelay = TimeSpan.FromSeconds(3) };
        var call = RawPublish.PublishAsync(_node.Address, null, Welcome(1));
        await StagedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(1, _node.Staged);
        await AdvancingAsync(call, TimeSpan.FromSeconds(1));
        Assert.Equal(StatusCode.OK, (await call).Status);
        Assert.Equal(1, _node.Store.Count);
    }

    [Fact]
    public async Task After_30_s_it_is_answered_either_way_and_inserted_later()
    {
        _node.Faults = Stuck;
        var call = RawPublish.PublishAsync(_node.Address, null, Welcome(1));
        await StagedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(call.IsCompleted);
        await AdvancingAsync(call, TimeSpan.FromSeconds(1));
        var answer = await call;
        Assert.Equal(StatusCode.OK, answer.Status);
        OriginatorProof.Check(Assert.Single(answer.Envelopes), _node.PublicKey.Span, Payers.Signer().Address, Envelopes.Welcome(1));
        Assert.Equal(0, _node.Store.Count);
        _node.Faults = NodeFaults.None;
        await Eventually.IsAsync(() => _node.Store.Count == 1, "it is inserted");
    }

    [Fact]
    public async Task When_the_callers_time_is_over_what_is_staged_is_answered_OK_at_that_moment()
    {
        _node.Faults = Stuck;
        var call = RawPublish.PublishAsync(_node.Address, "1500m", Welcome(1));
        await StagedAsync(1);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(call.IsCompleted);
        await AdvancingAsync(call, TimeSpan.FromMilliseconds(500));
        Assert.Equal(StatusCode.OK, (await call).Status);
        Assert.Equal(0, _node.Store.Count);
    }

    [Fact]
    public async Task When_the_callers_time_is_over_what_is_not_staged_yet_never_will_be()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var slow = await DevNode.StartAsync(
            new DevNodeOptions
            {
                NodeId = 300,
                Time = _time,
                Rates = async stoppingToken =>
                {
                    asked.TrySetResult();
                    await Task.Delay(Timeout.Infinite, stoppingToken);
                    return NodeRates.Free;
                },
            },
            Cancel);
        var call = RawPublish.PublishAsync(slow.Address, "2S", Payers.Sign(Envelopes.Welcome(), 300));
        await asked.Task.WaitAsync(Cancel);
        await AdvancingAsync(call, TimeSpan.FromSeconds(2));
        var answer = await call;
        Assert.Equal(StatusCode.DeadlineExceeded, answer.Status);
        Assert.Equal("request timed out", answer.Message);
        Assert.Equal(0, slow.Staged + slow.Store.Count);
    }

    [Fact]
    public async Task What_is_staged_is_published_although_its_caller_left()
    {
        _node.Faults = Stuck;
        using var channel = GrpcChannel.ForAddress(_node.Address);
        using var cancellation = new CancellationTokenSource();
        var call = new PublishApi.PublishApiClient(channel)
            .PublishPayerEnvelopesAsync(Payers.Request(Welcome(1)), cancellationToken: cancellation.Token).ResponseAsync;
        await StagedAsync(1);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => call);
        _node.Faults = NodeFaults.None;
        await Eventually.IsAsync(() => _node.Store.Count == 1, "it is inserted");
    }

    [Fact]
    public async Task What_is_staged_is_published_by_the_next_process_under_the_number_that_it_has()
    {
        _node.Faults = Stuck;
        var first = RawPublish.PublishAsync(_node.Address, "1S", Welcome(1), Welcome(2));
        await StagedAsync(2);
        await AdvancingAsync(first, TimeSpan.FromSeconds(1));
        var answered = (await first).Envelopes.Select(Read).ToList();
        await _node.DisposeAsync();

        _node = await StartAsync();
        await Eventually.IsAsync(() => _node.Store.Count == 2, "it is inserted");
        Assert.Equal(
            answered.Select(unsigned => (unsigned.OriginatorSequenceId, unsigned.OriginatorNs, unsigned.PayerEnvelopeBytes)),
            _node.Store.OfOriginator(200)
                .Select(stored => Read(OriginatorEnvelope.Parser.ParseFrom(stored.Bytes.Span)))
                .Select(unsigned => (unsigned.OriginatorSequenceId, unsigned.OriginatorNs, unsigned.PayerEnvelopeBytes)));
        Assert.Equal(3ul, Read((await RawPublish.PublishAsync(_node.Address, null, Welcome(3))).Envelopes[0]).OriginatorSequenceId);
        await _node.DisposeAsync();

        _node = await StartAsync();
        Assert.Equal([1ul, 2, 3], _node.Store.OfOriginator(200).Select(stored => stored.SequenceId));
        Assert.Equal(0, _node.Staged);
    }

    [Fact]
    public async Task A_killed_node_drops_its_calls_and_publishes_what_was_staged_once_it_is_started_again()
    {
        await using var other = await DevNode.StartAsync(new DevNodeOptions { NodeId = 300 }, Cancel);
        other.Follow(_node.AsPeer());
        _node.Follow(other.AsPeer());
        _node.Faults = Stuck;
        var call = RawPublish.PublishAsync(_node.Address, null, Welcome(1));
        await StagedAsync(1);
        await _node.KillAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => call);
        Assert.False(_node.IsRunning);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => RawPublish.PublishAsync(_node.Address, null, Welcome(2)));

        _node.Faults = NodeFaults.None;
        await _node.RestartAsync(Cancel);
        await Eventually.IsAsync(
            () => _node.Store.Count == 1 && other.Store.LastSequenceId(200) == 1, "it is inserted, and the other node has it");
        Assert.Equal(StatusCode.OK, (await RawPublish.PublishAsync(_node.Address, null, Welcome(2))).Status);
        Assert.Equal(StatusCode.OK, (await RawPublish.PublishAsync(other.Address, null, Payers.Sign(Envelopes.Welcome(3), 300))).Status);
        await Eventually.IsAsync(
            () => _node.Store.LastSequenceId(300) == 1 && other.Store.LastSequenceId(200) == 2, "they follow each other again");
    }

    private Task<DevNode> StartAsync() =>
        DevNode.StartAsync(
            new DevNodeOptions { NodeId = 200, Time = _time, Store = new EnvelopeStore(Path.Combine(_folder, "node")) }, Cancel);

    private Task StagedAsync(int count) => Eventually.IsAsync(() => _node.Staged == count, $"{count} envelopes are staged");

    // The node may have begun to count a moment before or after; what is meant to end ends with the next step at the latest.
    private Task AdvancingAsync(Task call, TimeSpan step) => Eventually.IsAsync(
        () =>
        {
            if (!call.IsCompleted) _time.Advance(step);
            return call.IsCompleted;
        },
        "the call is answered");

    private static PayerEnvelope Welcome(byte seed) => Payers.Sign(Envelopes.Welcome(seed), 200);

    private static UnsignedOriginatorEnvelope Read(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
}
