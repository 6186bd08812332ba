using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

public class EnvelopeReaderTests
{
    public static TheoryData<string> Kinds =>
    [
        "welcome", "key package", "application", "commit", "proposal", "public application", "public commit", "identity",
    ];

    [Theory, MemberData(nameof(Kinds))]
    public void An_envelope_is_routed_and_its_bytes_are_those_that_came(string kind)
    {
        var (envelope, payload, destination) = kind switch
        {
            "welcome" => (Envelopes.Welcome(), PayloadKind.WelcomeMessage, Destination.BroadcastNetwork),
            "key package" => (Envelopes.KeyPackage(), PayloadKind.UploadKeyPackage, Destination.BroadcastNetwork),
            "application" => (Envelopes.Application(), PayloadKind.GroupMessage, Destination.BroadcastNetwork),
            "commit" => (Envelopes.Commit(), PayloadKind.GroupMessage, Destination.AppChain),
            "proposal" => (Envelopes.GroupMessage(Envelopes.Mls(2, 2)), PayloadKind.GroupMessage, Destination.AppChain),
            "public application" => (Envelopes.GroupMessage(Envelopes.Mls(1, 1)), PayloadKind.GroupMessage, Destination.BroadcastNetwork),
            "public commit" => (Envelopes.GroupMessage(Envelopes.Mls(1, 3)), PayloadKind.GroupMessage, Destination.AppChain),
            _ => (Envelopes.Identity(), PayloadKind.IdentityUpdate, Destination.AppChain),
        };
        var fault = EnvelopeReader.ReadRequest(Envelopes.Request(Envelopes.Welcome(9), envelope).ToByteArray(), out var read);

        Assert.Null(fault);
        Assert.Equal(2, read.Count);
        Assert.Equal(1, read[1].Index);
        Assert.Equal(envelope.ToByteArray(), read[1].Bytes.ToArray());
        Assert.Equal(payload, read[1].Payload);
        Assert.Equal(destination, read[1].Destination);
        Assert.Equal(envelope.Aad.TargetTopic.ToByteArray(), read[1].Topic.Bytes.ToArray());
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "no aad", "envelopes[1].aad: " },
        { "no topic", "envelopes[1].aad.target_topic: " },
        { "kind alone", "envelopes[1].aad.target_topic: " },
        { "unknown kind", "envelopes[1].aad.target_topic: kind 6" },
        { "payer report topic", "envelopes[1].aad.target_topic: kind 4 is reserved" },
        { "attestation topic", "envelopes[1].aad.target_topic: kind 5 is reserved" },
        { "no payload", "envelopes[1].payload: " },
        { "payer report", "envelopes[1].payer_report: " },
        { "mismatch", "envelopes[1].welcome_message: " },
        { "no v1", "envelopes[1].group_message.v1: " },
        { "no data", "envelopes[1].group_message.v1.data: " },
        { "bad mls", "envelopes[1].group_message.v1.data: MLS version" },
        { "short group", "envelopes[1].aad.target_topic: a group id" },
        { "short inbox", "envelopes[1].aad.target_topic: an inbox id" },
        { "two payloads", "envelopes[1].upload_key_package: given twice" },
        { "two topics", "envelopes[1].aad: given twice" },
        { "broken welcome", "envelopes[1].welcome_message: malformed" },
        { "broken identity update", "envelopes[1].identity_update.inbox_id: not UTF-8" },
        { "garbage", "envelopes[1].payload: not a serialized ClientEnvelope" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void What_is_wrong_is_named_by_index_and_field(string what, string text)
    {
        var bytes = Wrap(Envelopes.Welcome().ToByteArray(), Faulty(what));
        var fault = EnvelopeReader.ReadRequest(bytes, out var read);

        Assert.NotNull(fault);
        Assert.StartsWith(text, fault.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, fault.Index);
        Assert.Empty(read);
    }

    [Fact]
    public void A_request_without_envelopes_or_that_is_none_is_refused_as_a_whole()
    {
        foreach (var bytes in new byte[][] { [], [0x10, 1], [0x0A, 5, 1], [0x08, 1], [0xFF], [0x0A, 0x80] })
        {
            var fault = EnvelopeReader.ReadRequest(bytes, out _);
            Assert.NotNull(fault);
            Assert.True(fault.Index < 0, fault.ToString());
            Assert.StartsWith("envelopes: ", fault.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void More_envelopes_than_one_request_may_hold_are_refused_with_the_bound()
    {
        var envelope = Envelopes.Welcome(size: 0).ToByteArray();
        var most = Wrap([.. Enumerable.Repeat(envelope, EnvelopeReader.MaxEnvelopes)]);
        Assert.Null(EnvelopeReader.ReadRequest(most, out var read));
        Assert.Equal(EnvelopeReader.MaxEnvelopes, read.Count);
        Assert.Contains(
            "split the batch",
            EnvelopeReader.ReadRequest((byte[])[.. most, .. Wrap(envelope)], out _)!.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_fields_are_kept_in_the_bytes_and_do_not_disturb()
    {
        byte[] bytes =
        [
            .. Envelopes.Welcome().ToByteArray(),
            .. new byte[] { 0xA2, 6, 3, 1, 2, 3, 0xA8, 6, 1, 0xB3, 6, 0x0A, 1, 9, 0xB4, 6 },
        ];
        Assert.Null(EnvelopeReader.Read(bytes, 0, out var envelope));
        Assert.Equal(bytes, envelope!.Bytes.ToArray());
    }

    private static byte[] Faulty(string what)
    {
        var envelope = Envelopes.Welcome();
        switch (what)
        {
            case "no aad": envelope.Aad = null; break;
            case "no topic": envelope.Aad.TargetTopic = ByteString.Empty; break;
            case "kind alone": envelope.Aad.TargetTopic = ByteString.CopyFrom(1); break;
            case "unknown kind": envelope.Aad.TargetTopic = ByteString.CopyFrom(6, 1); break;
            case "payer report topic": envelope.Aad.TargetTopic = ByteString.CopyFrom(4, 1); break;
            case "attestation topic": envelope.Aad.TargetTopic = ByteString.CopyFrom(5, 1); break;
            case "no payload": envelope.ClearPayload(); break;
            case "payer report": envelope.PayerReport = new PayerReport(); break;
            case "mismatch":
                envelope.Aad.TargetTopic = ByteString.CopyFrom(Envelopes.Topic(TopicKind.KeyPackages, Envelopes.Id(32)));
                break;
            case "no v1": envelope = Envelopes.Application(); envelope.GroupMessage = new GroupMessageInput(); break;
            case "no data": envelope = Envelopes.Application(); envelope.GroupMessage.V1 = new GroupMessageInput.Types.V1(); break;
            case "bad mls": envelope = Envelopes.GroupMessage([0, 2, 0, 1]); break;
            case "short group": envelope = Envelopes.GroupMessage(Envelopes.Mls(2, 3), groupId: 15); break;
            case "short inbox":
                envelope = Envelopes.Identity();
                envelope.Aad.TargetTopic = ByteString.CopyFrom(Envelopes.Topic(TopicKind.IdentityUpdates, Envelopes.Id(31)));
                break;
            case "two payloads":
                return [
                    .. envelope.ToByteArray(),
                    .. new ClientEnvelope { UploadKeyPackage = new UploadKeyPackageRequest() }.ToByteArray(),
                ];
            case "two topics": return [.. envelope.ToByteArray(), .. new ClientEnvelope { Aad = Envelopes.KeyPackage().Aad }.ToByteArray()];
            case "broken welcome": return [.. new ClientEnvelope { Aad = envelope.Aad }.ToByteArray(), 0x1A, 2, 0x0A, 9];
            case "broken identity update":
                return [.. new ClientEnvelope { Aad = Envelopes.Identity().Aad }.ToByteArray(), 0x2A, 3, 0x1A, 1, 0xFF];
            case "garbage": return [0x0A, 0xFF, 1];
        }

        return envelope.ToByteArray();
    }

    private static byte[] Wrap(params byte[][] envelopes) =>
        [.. envelopes.SelectMany(bytes => (byte[])[0x0A, .. Varint(bytes.Length), .. bytes])];

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];
}
