using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class NodeTimeTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commits_and_messages_that_follow_each_other_have_rising_times_in_answers_and_at_every_node()
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        var (sent, answers) = (new List<ByteString>(), new List<OriginatorEnvelope>());
        for (var i = 0; i < 8; i++)
        {
            var commit = Envelopes.Commit(40, 100 + i);
            answers.AddRange((await client.PublishAsync(commit)).OriginatorEnvelopes);
            var message = After(Envelopes.Application(40, 100 + i), Read(answers[^1]).OriginatorSequenceId);
            answers.Add(await UntilTakenAsync(box.Network, message));
            sent.AddRange([commit.ToByteString(), message.ToByteString()]);
        }

        Assert.Equal(
            sent,
            answers.Select(Read)
                .OrderBy(unsigned => unsigned.OriginatorNs)
                .Select(unsigned => PayerEnvelope.Parser.ParseFrom(unsigned.PayerEnvelopeBytes).UnsignedClientEnvelope));
        foreach (var node in box.Network.Nodes)
        {
            var topic = Envelopes.Commit(40).Aad.TargetTopic;
            await Eventually.IsAsync(() => node.Store.OfTopic(topic.Span).Count == sent.Count, $"node {node.Id} has all of them");
            Assert.Equal(sent, node.Store.OfTopic(topic.Span).OrderBy(stored => stored.Nanoseconds).Select(Client));
        }
    }

    [Fact]
    public async Task A_chain_whose_clock_was_moved_takes_both_kinds_of_messages_with_it()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { Nodes = 1 }, Cancel);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        var node = network.Nodes[0];
        var moved = Nanoseconds(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
        await network.Chain.PassTimeAsync(TimeSpan.FromHours(1), Cancel);
        var commit = Read((await client.PublishAsync(Envelopes.Commit(41))).OriginatorEnvelopes[0]);
        Assert.True(commit.OriginatorNs >= moved - 1_000_000_000);
        await Eventually.IsAsync(() => node.Store.LastSequenceId(0) == commit.OriginatorSequenceId, "the node has the commit");
        var ordered = node.Store.OfOriginator(0)[^1].Nanoseconds;
        Assert.True(ordered >= moved - 1_000_000_000);
        Assert.True(Read((await client.PublishAsync(Envelopes.Application(41))).OriginatorEnvelopes[0]).OriginatorNs > ordered);

        var further = Nanoseconds(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(3));
        await network.Chain.PassTimeAsync(TimeSpan.FromHours(2), Cancel);
        await network.Chain.MineAsync(1, Cancel);
        var size = 200;
        await Eventually.IsAsync(
            async () => Read((await client.PublishAsync(Envelopes.Application(41, size++))).OriginatorEnvelopes[0]).OriginatorNs
                >= further - 1_000_000_000,
            "a message moves without a commit before it");
    }

    [Fact]
    public async Task What_depends_on_a_commit_is_taken_once_the_node_has_seen_it_and_a_lagging_view_refuses_it_for_longer()
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(42));
        await Eventually.IsAsync(
            async () => (await PublishAsync(box.Network, After(Envelopes.Application(42), 1))).Status == StatusCode.OK,
            "originator 0 was seen");
        var size = 150;
        foreach (var faults in new[] { new NodeFaults { ViewDelay = TimeSpan.FromHours(1) }, new NodeFaults { IndexerStuck = true } })
        {
            foreach (var node in box.Network.Nodes) node.Faults = faults;
            var number = Read((await client.PublishAsync(Envelopes.Commit(42, size++))).OriginatorEnvelopes[0]).OriginatorSequenceId;
            if (faults.ViewDelay > TimeSpan.Zero)
                await Eventually.IsAsync(() => box.Network.Nodes.All(node => node.Store.LastSequenceId(0) >= number), "every node has it");
            var refused = await PublishAsync(box.Network, After(Envelopes.Application(42), number));
            Assert.Equal(StatusCode.InvalidArgument, refused.Status);
            Assert.Contains("exceeds last seen", refused.Message);
            foreach (var node in box.Network.Nodes) node.Faults = NodeFaults.None;
            await Eventually.IsAsync(
                async () => (await PublishAsync(box.Network, After(Envelopes.Application(42), number))).Status == StatusCode.OK,
                "it is seen");
        }
    }

    private static async Task<OriginatorEnvelope> UntilTakenAsync(DevNetwork network, ClientEnvelope envelope)
    {
        RawPublish? taken = null;
        await Eventually.IsAsync(
            async () => (taken = await PublishAsync(network, envelope)).Status == StatusCode.OK, "the message is taken");
        return Assert.Single(taken!.Envelopes);
    }

    private static Task<RawPublish> PublishAsync(DevNetwork network, ClientEnvelope envelope) =>
        RawPublish.PublishAsync(network.Nodes[0].Address, null, Payers.Sign(envelope, network.Nodes[0].Id, network.Payer));

    private static ClientEnvelope After(ClientEnvelope envelope, ulong commit)
    {
        envelope.Aad.DependsOn = new Cursor { NodeIdToSequenceId = { { 0, commit } } };
        return envelope;
    }

    private static ByteString Client(StoredEnvelope stored) =>
        OriginatorEnvelopeView.TryRead(stored.Bytes, out var view)
            ? ByteString.CopyFrom(view.ClientEnvelope.Span)
            : throw new InvalidOperationException("not an envelope");

    private static UnsignedOriginatorEnvelope Read(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);

    private static long Nanoseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
