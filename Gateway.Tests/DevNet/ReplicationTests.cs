using Grpc.Net.Client;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class ReplicationTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_node_takes_and_what_the_chain_orders_is_at_every_node()
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        var answer = await client.PublishAsync(
            [
                .. Enumerable.Range(1, 8).Select(seed => Envelopes.Welcome((byte)seed)),
                Envelopes.Commit(30),
                Envelopes.Identity(30),
                Envelopes.Commit(30, 120),
            ]);
        Assert.Equal(2, answer.OriginatorEnvelopes.Take(8).Select(Read).Select(unsigned => unsigned.OriginatorNodeId).Distinct().Count());
        foreach (var node in box.Network.Nodes)
        {
            foreach (var originator in answer.OriginatorEnvelopes.Select(envelope => (Envelope: envelope, Unsigned: Read(envelope)))
                .GroupBy(pair => pair.Unsigned.OriginatorNodeId))
            {
                var last = originator.Max(pair => pair.Unsigned.OriginatorSequenceId);
                await Eventually.IsAsync(
                    () => node.Store.LastSequenceId(originator.Key) >= last,
                    $"node {node.Id} has number {last} of originator {originator.Key}");
                var there = node.Store.OfOriginator(originator.Key)
                    .Select(stored => OriginatorEnvelope.Parser.ParseFrom(stored.Bytes.Span))
                    .ToList();
                Assert.All(originator, pair => Assert.Contains(there.Select(Read), stored => IsSame(stored, pair.Unsigned)));
            }
        }

        Assert.All(new uint[] { 0, 1, 100, 200 }, originator => Assert.Equal(
            box.Network.Nodes[0].Store.OfOriginator(originator).Select(stored => stored.Bytes.ToArray()),
            box.Network.Nodes[1].Store.OfOriginator(originator).Select(stored => stored.Bytes.ToArray())));
    }

    [Fact]
    public async Task An_address_finds_the_inbox_that_it_was_added_to_last_and_not_removed_from()
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        const string Address = "0x00000000000000000000000000000000000000AA";
        var added = Envelopes.Identity(60);
        added.IdentityUpdate.Actions[0] = new IdentityAction
        {
            Add = new AddAssociation { NewMemberIdentifier = new MemberIdentifier { EthereumAddress = Address } },
        };
        var revoked = Envelopes.Identity(60);
        revoked.IdentityUpdate.Actions[0] = new IdentityAction
        {
            Revoke = new RevokeAssociation { MemberToRevoke = new MemberIdentifier { EthereumAddress = Address } },
        };
        var created = Envelopes.Identity(61);
        created.IdentityUpdate.Actions[0].CreateInbox.InitialIdentifier = Address;

        Assert.Equal("", await InboxAsync(Address));
        await client.PublishAsync(created);
        await Eventually.IsAsync(
            async () => await InboxAsync(Address.ToLowerInvariant()) == created.IdentityUpdate.InboxId, "the inbox is found");
        await client.PublishAsync(added);
        await Eventually.IsAsync(async () => await InboxAsync(Address) == added.IdentityUpdate.InboxId, "the later inbox is found");
        await client.PublishAsync(revoked);
        await Eventually.IsAsync(
            async () => await InboxAsync(Address) == created.IdentityUpdate.InboxId, "the earlier inbox is found again");
    }

    [Fact]
    public async Task What_is_no_envelope_on_the_chain_is_left_out_and_what_follows_is_not()
    {
        var (chain, contract) = (box.Network.Chain, ChainAddresses.GroupMessageBroadcaster);
        await chain.SendAsync(
            DevAccounts.Administrator,
            contract,
            GroupMessageBroadcasterContract.EncodeAddMessage(Envelopes.Id(16, 77), new byte[100]),
            Cancel);
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        var number = Read((await client.PublishAsync(Envelopes.Commit(77))).OriginatorEnvelopes[0]).OriginatorSequenceId;
        foreach (var node in box.Network.Nodes)
        {
            await Eventually.IsAsync(() => node.Store.LastSequenceId(0) >= number, "the commit is there");
            Assert.DoesNotContain(node.Store.OfOriginator(0), stored => stored.SequenceId == number - 1);
        }
    }

    [Fact]
    public async Task A_node_that_restarts_catches_up_and_its_peers_follow_it_again()
    {
        var first = await DevNode.StartAsync(new DevNodeOptions { NodeId = 700 }, Cancel);
        await using var second = await DevNode.StartAsync(new DevNodeOptions { NodeId = 800 }, Cancel);
        second.Follow(first.AsPeer());
        await PublishAsync(first, 1);
        await Eventually.IsAsync(() => second.Store.LastSequenceId(700) == 1, "the first arrives");
        await first.DisposeAsync();

        await PublishAsync(second, 2);
        await using var again = await DevNode.StartAsync(
            new DevNodeOptions { NodeId = 700, Port = first.Address.Port, Store = first.Store }, Cancel);
        again.Follow(second.AsPeer());
        await PublishAsync(again, 3);
        await Eventually.IsAsync(
            () => second.Store.LastSequenceId(700) == 2 && again.Store.LastSequenceId(800) == 1, "both have everything");
        Assert.Equal(
            second.Store.OfOriginator(700).Select(stored => stored.Bytes.ToArray()),
            again.Store.OfOriginator(700).Select(stored => stored.Bytes.ToArray()));
    }

    [Fact]
    public async Task A_node_that_does_not_replicate_accepts_publishes_and_exchanges_them_later()
    {
        await using var first = await DevNode.StartAsync(new DevNodeOptions { NodeId = 700 }, Cancel);
        await using var second = await DevNode.StartAsync(new DevNodeOptions { NodeId = 800 }, Cancel);
        await using var third = await DevNode.StartAsync(new DevNodeOptions { NodeId = 900 }, Cancel);
        foreach (var (node, peer) in new[] { (first, second), (second, first), (third, first), (third, second) })
            node.Follow(peer.AsPeer());
        await PublishAsync(first, 1);
        await PublishAsync(second, 2);
        await Eventually.IsAsync(
            () => second.Store.Count == 2 && first.Store.Count == 2 && third.Store.Count == 2, "the nodes replicate");

        second.Faults = new NodeFaults { ReplicationStopped = true };
        await PublishAsync(first, 3);
        await PublishAsync(second, 4);
        await PublishAsync(first, 5);
        await Eventually.IsAsync(() => third.Store.LastSequenceId(700) == 3, "the others go on");
        Assert.Equal((1ul, 2ul), (second.Store.LastSequenceId(700), second.Store.LastSequenceId(800)));
        Assert.Equal((1ul, 1ul), (first.Store.LastSequenceId(800), third.Store.LastSequenceId(800)));

        second.Faults = NodeFaults.None;
        await Eventually.IsAsync(
            () => new[] { first, second, third }.All(
                node => (node.Store.LastSequenceId(700), node.Store.LastSequenceId(800)) == (3ul, 2ul)),
            "all have everything");
    }

    [Fact]
    public async Task What_a_node_did_not_sign_is_not_taken_from_it()
    {
        await using var liar = await DevNode.StartAsync(new DevNodeOptions { NodeId = 700 }, Cancel);
        await using var node = await DevNode.StartAsync(new DevNodeOptions { NodeId = 800, Logs = Logs(out var lines) }, Cancel);
        node.Follow(new NodePeer(700, liar.Address, node.PublicKey));
        await PublishAsync(liar, 1);
        await lines.UntilAsync(() => lines.Lines.Any(line => line.Contains("wrong signature", StringComparison.Ordinal)), Cancel);
        Assert.Equal(0, node.Store.Count);
    }

    private static ILoggerFactory Logs(out CapturedLogs lines)
    {
        var captured = lines = new CapturedLogs();
        return LoggerFactory.Create(logging => logging.AddProvider(captured));
    }

    // What is answered and what is stored are signed apart; the App Chain's are stamped by whoever reads them.
    private static bool IsSame(UnsignedOriginatorEnvelope stored, UnsignedOriginatorEnvelope answered) =>
        stored.OriginatorSequenceId == answered.OriginatorSequenceId
            && stored.PayerEnvelopeBytes == answered.PayerEnvelopeBytes
            && stored.BaseFeePicodollars == answered.BaseFeePicodollars;

    private static UnsignedOriginatorEnvelope Read(OriginatorEnvelope envelope) =>
        UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);

    private static async Task PublishAsync(DevNode node, byte seed)
    {
        using var channel = GrpcChannel.ForAddress(node.Address);
        await new PublishApi.PublishApiClient(channel)
            .PublishPayerEnvelopesAsync(Payers.Request(Payers.Sign(Envelopes.Welcome(seed), node.Id)), cancellationToken: Cancel);
    }

    private async Task<string> InboxAsync(string address)
    {
        using var channel = GrpcChannel.ForAddress(box.Network.Nodes[0].Address);
        var request = new GetInboxIdsRequest
        {
            Requests = { new GetInboxIdsRequest.Types.Request { Identifier = address, IdentifierKind = IdentifierKind.Ethereum } },
        };
        var response = Assert.Single(
            (await new QueryApi.QueryApiClient(channel).GetInboxIdsAsync(request, cancellationToken: Cancel)).Responses);
        Assert.Equal(address, response.Identifier);
        return response.InboxId;
    }
}
