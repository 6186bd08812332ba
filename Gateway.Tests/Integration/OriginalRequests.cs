using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>A call by hand.</summary>
/// <param name="Body">The request's bytes.</param>
/// <param name="Service">The service's name.</param>
/// <param name="Method">The method's name.</param>
internal sealed record OriginalRequest(
    byte[] Body, string Service = "xmtp.xmtpv4.payer_api.PayerApi", string Method = "PublishClientEnvelopes")
{
    public Metadata Headers { get; init; } = [];

    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it is sent.</summary>
    public int Times { get; init; } = 1;
}

/// <summary>The requests that were sent to the original's gateway and to this one, by name.</summary>
internal static class OriginalRequests
{
    private const int MiB = 1024 * 1024;

    public static OriginalRequest Of(string name) => name switch
    {
        "zero envelopes" => new([]),
        "one app message" => Publish(Envelopes.Application()),
        "50 app messages" => Publish(Messages(50)),
        "51 app messages" => Publish(Messages(51)),
        "101 app messages" => Publish(Messages(101)),
        "1001 app messages" => Publish(Messages(1001)),
        "nil envelope (empty bytes)" => Raw([]),
        "good + nil envelope" => Raw(Envelopes.Welcome().ToByteArray(), []),
        "aad missing" => Publish(new ClientEnvelope { WelcomeMessage = Envelopes.Welcome().WelcomeMessage }),
        "aad without topic" => Publish(OnTopic(Envelopes.Welcome())),
        "topic one byte" => Publish(OnTopic(Envelopes.Welcome(), 1)),
        "unknown topic kind 9" => Publish(OnTopic(Envelopes.Welcome(), 9, 1)),
        "unknown topic kind 255" => Publish(OnTopic(Envelopes.Welcome(), 255, 1)),
        "group payload on welcome topic" => Publish(OnTopic(Envelopes.Application(), Welcomes())),
        "welcome payload on group topic" => Publish(OnTopic(Envelopes.Welcome(), Group(16))),
        "identity payload on group topic" => Publish(OnTopic(Envelopes.Identity(), Group(16))),
        "group payload on reserved topic 4" => Publish(OnTopic(Envelopes.Application(), 4, 1)),
        "payload missing" => Publish(new ClientEnvelope { Aad = Envelopes.Welcome().Aad }),
        "payer report" => Publish(OnTopic(new ClientEnvelope { PayerReport = new PayerReport() }, 4, 1)),
        "payer report attestation" => Publish(OnTopic(new ClientEnvelope { PayerReportAttestation = new PayerReportAttestation() }, 5, 1)),
        "welcome" => Publish(Envelopes.Welcome()),
        "key package" => Publish(Envelopes.KeyPackage()),
        "welcome without version" => Publish(new ClientEnvelope { Aad = Envelopes.Welcome().Aad, WelcomeMessage = new() }),
        "key package empty" => Publish(new ClientEnvelope { Aad = Envelopes.KeyPackage().Aad, UploadKeyPackage = new() }),
        "identity update" => Publish(Envelopes.Identity()),
        "identity update, inbox id 31 bytes" =>
            Publish(OnTopic(Envelopes.Identity(), Envelopes.Topic(TopicKind.IdentityUpdates, Envelopes.Id(31)))),
        "identity update empty message (below contract min)" =>
            Publish(new ClientEnvelope { Aad = Envelopes.Identity().Aad, IdentityUpdate = new IdentityUpdate() }),
        "identity update, inbox id text differs from topic" => Publish(Identity(update => update.InboxId = new string('a', 64))),
        "commit" => Publish(Envelopes.Commit()),
        "proposal" => Publish(Envelopes.GroupMessage(Envelopes.Mls(2, 2, 100))),
        "commit, group id 3 bytes" => Publish(OnTopic(Envelopes.Commit(), Group(3))),
        "app message, group id 3 bytes" => Publish(OnTopic(Envelopes.Application(), Group(3))),
        "app message + commit with 3-byte id" => Publish(Envelopes.Application(), OnTopic(Envelopes.Commit(), Group(3))),
        "mixed: commit, app, identity, welcome, keypkg, proposal" => Publish(Mixed(60)),
        "mixed: app first, reverse order" => Publish([Envelopes.Application(80), .. Mixed(80).Reverse()]),
        "two commits same group in one batch" => Publish(Envelopes.Commit(3), Envelopes.Commit(3, 101)),
        "group data empty" => Publish(Envelopes.GroupMessage([])),
        "group without v1" => Publish(new ClientEnvelope { Aad = Envelopes.Application().Aad, GroupMessage = new GroupMessageInput() }),
        "mls version 2" => Mls([0, 2, 0, 2, 16, .. Envelopes.Id(16), .. new byte[8], 1]),
        "mls wire format welcome(3)" => Publish(Envelopes.GroupMessage(Envelopes.Mls(3, 1))),
        "mls private content type 0" => Publish(Envelopes.GroupMessage(Envelopes.Mls(2, 0))),
        "mls private content type 7" => Publish(Envelopes.GroupMessage(Envelopes.Mls(2, 7))),
        "mls truncated" => Publish(Envelopes.GroupMessage(Envelopes.Mls(2, 1)[..12])),
        "mls random bytes" => Publish(Envelopes.GroupMessage(Envelopes.Id(200, 77))),
        "mls public app (member sender)" => Publish(Envelopes.GroupMessage(Envelopes.Mls(1, 1, 100))),
        "mls public proposal, external sender" => PublicMls([2, 0, 0, 0, 1], 2),
        "mls public commit, new member (4)" => PublicMls([4], 3),
        "mls public, sender type 9" => PublicMls([9], 1),
        "mls group id differs from topic" => Publish(Envelopes.GroupMessage(Envelopes.Mls(2, 3, 100), seed: 99)),
        "mls group id 2-byte length prefix" => Mls([0, 1, 0, 2, 0x40, 16, .. Envelopes.Id(16), .. new byte[8], 1, .. new byte[100]]),
        "depends_on set" => Publish(Depending()),
        "should_push + hmac" => Publish(Envelopes.Application(5)),
        "unknown field 99 in envelope" => Raw([.. Envelopes.Welcome(6).ToByteArray(), 0x9A, 6, 3, 1, 2, 3]),
        "fields in reverse order" => Raw([.. PayloadOf(Envelopes.Welcome(7)), .. AadOf(Envelopes.Welcome(7))]),
        "aad and payload given twice" => Raw([.. Envelopes.Welcome(8).ToByteArray(), .. Envelopes.Welcome(8).ToByteArray()]),
        "invalid protobuf (truncated)" => new(Publish(Envelopes.Welcome()).Body[..^5]),
        "invalid protobuf (garbage)" => new([0xFF, 0xFE, 0xFD, 0xFC]),
        "invalid utf8 in identity update" => Raw([.. AadOf(Envelopes.Identity()), 0x2A, 3, 0x1A, 1, 0xFF]),
        "same envelope twice in a batch" => Publish(Envelopes.Welcome(9), Envelopes.Welcome(9)),
        "same request twice" => Publish(Envelopes.Application(10)) with { Times = 2 },
        "same commit twice" => Publish(Envelopes.Commit(10)) with { Times = 2 },
        "gzip request" => Publish(Envelopes.Welcome(11, 10_000)) with { Headers = new() { { "grpc-internal-encoding-request", "gzip" } } },
        "GatewayApi service publish" => Publish(Envelopes.Welcome(12)) with { Service = "xmtp.xmtpv4.gateway_api.GatewayApi" },
        "GetNodes PayerApi" => new([], Method: "GetNodes"),
        "GetNodes GatewayApi" => new([], "xmtp.xmtpv4.gateway_api.GatewayApi", "GetNodes"),
        "GetNodes with junk body" => new([0xFF, 0xFE, 0xFD], Method: "GetNodes"),
        "unknown method" => new([], Method: "Nothing"),
        "unknown service" => new([], "xmtp.xmtpv4.nothing.Nothing", "GetNodes"),
        "QueryApi (not a gateway service)" => new([], "xmtp.xmtpv4.message_api.QueryApi", "QueryEnvelopes"),
        "MetadataApi GetVersion" => new([], "xmtp.xmtpv4.metadata_api.MetadataApi", "GetVersion"),
        "PayerApi GetReaderNode" => new([], Method: "GetReaderNode"),
        "deadline 1 ms" => Publish(Envelopes.Commit(13)) with { Timeout = TimeSpan.FromMilliseconds(1) },
        "sdk headers" => Publish(Envelopes.Welcome(14)) with
        {
            Headers = new() { { "x-app-version", "app/1.0" }, { "x-libxmtp-version", "1.2.3" } },
        },
        "60 KB header" => Publish(Envelopes.Welcome(15)) with { Headers = Token(60_000) },
        "20 KB header" => Publish(Envelopes.Welcome(16)) with { Headers = Token(20_000) },
        "bearer token of nobody" => Publish(Envelopes.Welcome(17)) with { Headers = Token(20) },
        "identity 199999 bytes" => Publish(IdentityOf(199_999)),
        "identity 200000 bytes" => Publish(IdentityOf(200_000)),
        "identity 200001 bytes" => Publish(IdentityOf(200_001)),
        "commit 200000 bytes" => Publish(Sized(200_000, size => Envelopes.Commit(18, size))),
        "commit 200001 bytes" => Publish(Sized(200_001, size => Envelopes.Commit(18, size))),
        "app msg + commit 200001" => Publish(Envelopes.Application(19), Sized(200_001, size => Envelopes.Commit(19, size))),
        "app message 1 MiB" => Publish(Envelopes.Application(20, MiB)),
        "app message 4 MiB + 1" => Publish(Envelopes.Application(20, (4 * MiB) + 1)),
        "app message 10 MiB" => Publish(Envelopes.Application(20, 10 * MiB)),
        "app message 24 MiB" => Publish(Envelopes.Application(20, 24 * MiB)),
        "app message 25 MiB - 200" => Publish(Sized((25 * MiB) - 200, size => Envelopes.Application(20, size))),
        "app message 26 MiB" => Publish(Envelopes.Application(20, 26 * MiB)),
        "batch 2 x 15 MiB" => Publish(Envelopes.Application(21, 15 * MiB), Envelopes.Application(22, 15 * MiB)),
        "commit below the contract's min" => Publish(ShortCommit()),
        "identity 100 KB" => Publish(IdentityOf(100_000)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "there is no such request"),
    };

    private static OriginalRequest Publish(params ClientEnvelope[] envelopes) => new(Envelopes.Request(envelopes).ToByteArray());

    private static OriginalRequest Raw(params byte[][] envelopes)
    {
        using var body = new MemoryStream();
        using (var output = new CodedOutputStream(body, leaveOpen: true))
        {
            foreach (var envelope in envelopes)
            {
                output.WriteTag(1, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(ByteString.CopyFrom(envelope));
            }
        }

        return new(body.ToArray());
    }

    private static ClientEnvelope[] Messages(int count) =>
        [.. Enumerable.Range(0, count).Select(number => Envelopes.Application((byte)(number % 100), 100 + number))];

    private static ClientEnvelope[] Mixed(byte seed) =>
    [
        Envelopes.Commit(seed), Envelopes.Application(seed), Envelopes.Identity(seed), Envelopes.Welcome(seed),
        Envelopes.KeyPackage(seed), Envelopes.GroupMessage(Envelopes.Mls(2, 2, 100), seed),
    ];

    private static ClientEnvelope OnTopic(ClientEnvelope envelope, params byte[] topic)
    {
        envelope.Aad = new AuthenticatedData { TargetTopic = ByteString.CopyFrom(topic) };
        return envelope;
    }

    private static byte[] Group(int size) => Envelopes.Topic(TopicKind.GroupMessages, Envelopes.Id(size));

    private static byte[] Welcomes() => Envelopes.Topic(TopicKind.WelcomeMessages, Envelopes.Id(32));

    private static ClientEnvelope Identity(Action<IdentityUpdate> change)
    {
        var envelope = Envelopes.Identity(2);
        change(envelope.IdentityUpdate);
        return envelope;
    }

    private static ClientEnvelope IdentityOf(int size) => Sized(
        size, text => Identity(update => update.Actions[0].CreateInbox.InitialIdentifier = new string('i', text)));

    // The envelope as a whole has the size.
    private static ClientEnvelope Sized(int size, Func<int, ClientEnvelope> make)
    {
        var inner = size;
        while (make(inner).CalculateSize() is var whole && whole != size) inner -= whole - size;
        return make(inner);
    }

    private static ClientEnvelope ShortCommit()
    {
        var envelope = Envelopes.GroupMessage(Envelopes.Mls(2, 3, 0));
        envelope.GroupMessage.V1.SenderHmac = ByteString.Empty;
        return envelope;
    }

    private static ClientEnvelope Depending()
    {
        var envelope = Envelopes.Application(4);
        envelope.Aad.DependsOn = new Cursor { NodeIdToSequenceId = { { 0, 1_000_000 } } };
        return envelope;
    }

    private static OriginalRequest Mls(byte[] message) => Publish(Envelopes.GroupMessage(message));

    // RFC 9420, section 6: a public message with its sender, empty authenticated data and the content type.
    private static OriginalRequest PublicMls(byte[] sender, byte contentType) =>
        Mls([0, 1, 0, 1, 16, .. Envelopes.Id(16), .. new byte[8], .. sender, 0, contentType, .. new byte[100]]);

    private static byte[] AadOf(ClientEnvelope envelope) => new ClientEnvelope { Aad = envelope.Aad }.ToByteArray();

    private static byte[] PayloadOf(ClientEnvelope envelope) =>
        new ClientEnvelope { WelcomeMessage = envelope.WelcomeMessage }.ToByteArray();

    private static Metadata Token(int size) => new() { { "authorization", "Bearer " + new string('t', size) } };
}
