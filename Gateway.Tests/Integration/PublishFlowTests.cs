using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>A client's message through the real gateway to real nodes, in each protocol.</summary>
public sealed class PublishFlowTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private DevNetwork Network => box.Network;

    public static TheoryData<Speaks> Protocols => [.. Enum.GetValues<Speaks>()];

    [Theory, MemberData(nameof(Protocols))]
    public async Task Each_kind_of_message_comes_back_signed_by_a_node_and_by_the_payer(Speaks speaks)
    {
        using var client = new GatewayClient(Network.Gateway, speaks);
        foreach (var sent in new[]
        {
            Envelopes.KeyPackage(Seed(speaks)),
            Envelopes.Welcome(Seed(speaks), 1_000),
            Envelopes.Application(Seed(speaks), 5_000),
        })
        {
            var answer = await client.PublishAsync(sent);
            var envelope = Assert.Single(answer.OriginatorEnvelopes);
            var unsigned = Check(envelope, sent);
            var kept = Network.Nodes.Single(node => node.Id == unsigned.OriginatorNodeId).Store.OfTopic(sent.Aad.TargetTopic.Span);
            Assert.Equal(envelope.ToByteString(), ByteString.CopyFrom(kept[^1].Bytes.Span));
            Assert.True(unsigned.BaseFeePicodollars > 0);
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task The_nodes_are_those_of_the_registry(Speaks speaks)
    {
        using var client = new GatewayClient(Network.Gateway, speaks);
        var nodes = (await client.GetNodesAsync()).Nodes;
        Assert.Equal(
            Network.Nodes.ToDictionary(node => node.Id, node => node.Address),
            nodes.ToDictionary(node => node.Key, node => new Uri(node.Value)));
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task A_batch_for_two_nodes_is_answered_in_its_own_order(Speaks speaks)
    {
        using var client = new GatewayClient(Network.Gateway, speaks);
        var sent = Enumerable.Range(0, 30)
            .Select(i => i % 2 == 0 ? Envelopes.Welcome((byte)(i * 8), 200 + (int)speaks) : Envelopes.KeyPackage((byte)(i * 8)))
            .ToArray();
        var before = box.Stored;
        var answer = await client.PublishAsync(sent);
        Assert.Equal(sent.Length, answer.OriginatorEnvelopes.Count);
        var originators = answer.OriginatorEnvelopes.Select((envelope, i) => Check(envelope, sent[i]).OriginatorNodeId).ToHashSet();
        Assert.Equal(Network.Nodes.Select(node => node.Id).ToHashSet(), originators);
        Assert.InRange(box.Stored - before, 1, sent.Length);
    }

    [Fact]
    public async Task The_second_port_answers_the_HTTP_1_protocols()
    {
        foreach (var speaks in new[] { Speaks.GrpcWeb, Speaks.ConnectProto, Speaks.ConnectJson })
        {
            using var client = new GatewayClient(Network.Web!, speaks);
            var sent = Envelopes.Welcome(77, 10 + (int)speaks);
            Check(Assert.Single((await client.PublishAsync(sent)).OriginatorEnvelopes), sent);
        }
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task Commits_and_identity_updates_of_a_batch_are_numbered_by_the_chain_and_the_rest_by_nodes(Speaks speaks)
    {
        using var client = new GatewayClient(Network.Gateway, speaks);
        var before = box.Stored;
        var answer = await client.PublishAsync(
            Envelopes.Commit(),
            Envelopes.Welcome(9, 30 + (int)speaks),
            Envelopes.Identity(),
            Envelopes.GroupMessage(Envelopes.Mls(1, 2, 100)));
        var unsigned = answer.OriginatorEnvelopes.Select(
            envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope)).ToList();
        Assert.Equal([0u, 1u, 0u], [unsigned[0].OriginatorNodeId, unsigned[2].OriginatorNodeId, unsigned[3].OriginatorNodeId]);
        Assert.True(unsigned[0].OriginatorSequenceId < unsigned[3].OriginatorSequenceId);
        Assert.Equal(32, answer.OriginatorEnvelopes[0].BlockchainProof.TransactionHash.Length);
        Assert.Equal(before + 1, box.Stored);
    }

    public static TheoryData<string, ClientEnvelope> Bad => new()
    {
        { "no aad", new ClientEnvelope { WelcomeMessage = Envelopes.Welcome().WelcomeMessage } },
        { "no payload", new ClientEnvelope { Aad = Envelopes.Welcome().Aad } },
        { "no identifier", OnTopic(1) },
        { "no such kind", OnTopic(6, 1) },
        { "another kind's topic", OnTopic(3, 1, 2, 3) },
        { "a reserved topic", new ClientEnvelope { Aad = OnTopic(4, 1).Aad, PayerReport = new PayerReport() } },
        { "no MLS", Envelopes.GroupMessage([]) },
        { "MLS that is cut off", Envelopes.GroupMessage(Envelopes.Mls(2, 1)[..12]) },
        { "MLS of a wrong format", Envelopes.GroupMessage(Envelopes.Mls(3, 1)) },
        { "a commit to a group of 15 bytes", Envelopes.GroupMessage(Envelopes.Mls(2, 3), groupId: 15) },
    };

    [Theory, MemberData(nameof(Bad))]
    public async Task Bad_input_is_refused_by_its_index_in_every_protocol_and_nothing_is_sent(string fault, ClientEnvelope envelope)
    {
        var before = box.Stored;
        foreach (var speaks in Enum.GetValues<Speaks>())
        {
            using var client = new GatewayClient(Network.Gateway, speaks);
            var error = await Assert.ThrowsAsync<RpcException>(
                () => client.PublishAsync(Envelopes.Welcome(8), Envelopes.KeyPackage(8), envelope));
            Assert.True(error.StatusCode == StatusCode.InvalidArgument, $"{fault}, {speaks}: {error.Status}");
            Assert.Contains("envelopes[2]", error.Status.Detail);
        }

        Assert.Equal(before, box.Stored);
    }

    [Theory, MemberData(nameof(Protocols))]
    public async Task An_empty_request_is_refused(Speaks speaks)
    {
        using var client = new GatewayClient(Network.Gateway, speaks);
        Assert.Equal(StatusCode.InvalidArgument, (await Assert.ThrowsAsync<RpcException>(() => client.PublishAsync())).StatusCode);
    }

    [Fact]
    public async Task No_log_line_holds_the_payers_key()
    {
        using var client = new GatewayClient(Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome(60));
        Assert.NotEmpty(box.Logs.Lines);
        var key = DevAccounts.PrivateKeys[1][2..];
        Assert.DoesNotContain(box.Logs.Lines, line => line.Contains(key, StringComparison.OrdinalIgnoreCase));
    }

    private UnsignedOriginatorEnvelope Check(OriginatorEnvelope envelope, ClientEnvelope sent)
    {
        var id = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorNodeId;
        return OriginatorProof.Check(envelope, Network.Nodes.Single(node => node.Id == id).PublicKey.Span, Network.Payer.Address, sent);
    }

    private static byte Seed(Speaks speaks) => (byte)(100 + (10 * (int)speaks));

    private static ClientEnvelope OnTopic(params byte[] topic)
    {
        var envelope = Envelopes.Welcome();
        envelope.Aad.TargetTopic = ByteString.CopyFrom(topic);
        return envelope;
    }
}
