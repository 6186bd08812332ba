using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

/// <summary>
/// The gateway signs the very bytes that it checked, so what it finds in them must be what the generated parsers find.
/// Fixed seeds and counts: the same inputs in every run.
/// </summary>
public class DifferentialTests
{
    [Fact]
    public void Every_well_formed_payload_passes_whatever_is_in_it()
    {
        var random = new Random(100);
        for (var i = 0; i < 3_000; i++)
        {
            var envelope = RandomEnvelope(random, i);
            Assert.True(EnvelopeReader.Read(envelope.ToByteArray(), 0, out var read) is null, envelope.ToString());
            Assert.Equal((int)envelope.PayloadCase, (int)read!.Payload);
            Assert.Equal(envelope.Aad.TargetTopic.ToByteArray(), read.Topic.Bytes.ToArray());
        }
    }

    [Fact]
    public void What_a_generated_parser_refuses_is_refused_down_to_the_innermost_field()
    {
        var random = new Random(101);
        var (refused, passed) = (0, 0);
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = Mutate(random, RandomEnvelope(random, i).ToByteArray());
            var fault = EnvelopeReader.Read(bytes, 0, out var read);
            if (!TryParse(ClientEnvelope.Parser, bytes, out var parsed))
            {
                refused++;
                Assert.NotNull(fault);
            }
            else if (fault is null)
            {
                passed++;
                Assert.Equal((int)parsed!.PayloadCase, (int)read!.Payload);
                Assert.Equal(parsed.Aad.TargetTopic.ToByteArray(), read.Topic.Bytes.ToArray());
            }
        }

        Assert.InRange(refused, 5_000, 55_000);
        Assert.InRange(passed, 5_000, 55_000);
    }

    [Fact]
    public void An_originator_envelope_reads_as_the_generated_parsers_read_it()
    {
        var random = new Random(102);
        var passed = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var seed = new RandomMessages(random).Next<OriginatorEnvelope>();
            var unsigned = new RandomMessages(random).Next<UnsignedOriginatorEnvelope>();
            unsigned.PayerEnvelopeBytes = new RandomMessages(random).Next<PayerEnvelope>().ToByteString();
            seed.UnsignedOriginatorEnvelope = unsigned.ToByteString();
            var bytes = Mutate(random, seed.ToByteArray());
            if (!OriginatorEnvelopeView.TryRead(bytes, out var view)) continue;
            if (!TryParse(OriginatorEnvelope.Parser, bytes, out var outer)) continue;

            passed++;
            Assert.Equal(outer!.UnsignedOriginatorEnvelope.ToByteArray(), view.UnsignedEnvelope.ToArray());
            Assert.Equal(outer.OriginatorSignature?.Bytes.ToByteArray() ?? [], view.Signature.ToArray());
            var inner = UnsignedOriginatorEnvelope.Parser.ParseFrom(outer.UnsignedOriginatorEnvelope);
            Assert.Equal((inner.OriginatorNodeId, inner.OriginatorSequenceId), (view.OriginatorNodeId, view.SequenceId));
            Assert.Equal(inner.PayerEnvelopeBytes.ToByteArray(), view.PayerEnvelope.ToArray());
            if (TryParse(PayerEnvelope.Parser, view.PayerEnvelope.ToArray(), out var payer))
                Assert.Equal(payer!.UnsignedClientEnvelope.ToByteArray(), view.ClientEnvelope.ToArray());
        }

        Assert.InRange(passed, 10_000, 60_000);
    }

    // Where parsers of the field differ, the bytes are refused: one would read another message than the one that was checked.
    [Theory]
    [InlineData("8a8080808000 00")] // field 1 with its key in six bytes
    [InlineData("02 00")] // field 0
    [InlineData("0e")] // wire type 6
    [InlineData("0c")] // the end of a group that did not begin
    [InlineData("a306 ac06")] // a group that another one ends
    [InlineData("a306")] // a group that does not end
    [InlineData("a006 ffffffffffffffffff02")] // a varint of more than 64 bits
    [InlineData("a006 ffffffffffffffffffff01")] // a varint of eleven bytes
    [InlineData("a206 ffffffffffffffffff01 00")] // a length that no buffer holds
    [InlineData("a106 00000000000000")] // seven bytes of eight
    [InlineData("a506 000000")] // three bytes of four
    public void What_parsers_disagree_on_is_refused(string hex)
    {
        byte[] bytes = [.. Envelopes.Welcome().ToByteArray(), .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))];
        Assert.NotNull(EnvelopeReader.Read(bytes, 0, out _));
    }

    [Fact]
    public void Groups_are_skipped_to_a_bounded_depth()
    {
        byte[] Nested(
            int depth) =>
            [
                .. Envelopes.Welcome().ToByteArray(),
                .. Enumerable.Repeat<byte[]>([0xA3, 6], depth).SelectMany(b => b),
                .. Enumerable.Repeat<byte[]>([0xA4, 6], depth).SelectMany(b => b),
            ];
        Assert.Null(EnvelopeReader.Read(Nested(60), 0, out _));
        Assert.NotNull(EnvelopeReader.Read(Nested(200), 0, out _));
        Assert.NotNull(EnvelopeReader.Read(Nested(500_000), 0, out _));
    }

    [Fact]
    public void A_transaction_that_follows_a_signature_replaces_it()
    {
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(1, 1, 1, OriginatorEnvelopeWriter.PayerEnvelope("client"u8));
        byte[] bytes =
        [
            .. OriginatorEnvelopeWriter.SignedEnvelope(unsigned, new byte[65]),
            .. new OriginatorEnvelope { BlockchainProof = new BlockchainProof() }.ToByteArray(),
        ];
        Assert.Equal(OriginatorEnvelope.ProofOneofCase.BlockchainProof, OriginatorEnvelope.Parser.ParseFrom(bytes).ProofCase);
        Assert.True(OriginatorEnvelopeView.TryRead(bytes, out var view));
        Assert.True(view.Signature.IsEmpty);
    }

    private static ClientEnvelope RandomEnvelope(Random random, int i)
    {
        var messages = new RandomMessages(random);
        var kind = (i % 4) switch
        {
            0 => TopicKind.WelcomeMessages,
            1 => TopicKind.KeyPackages,
            2 => TopicKind.GroupMessages,
            _ => TopicKind.IdentityUpdates
        };
        var envelope = new ClientEnvelope
        {
            Aad = new AuthenticatedData
            {
                TargetTopic = ByteString.CopyFrom(Envelopes.Topic(kind, Envelopes.Id(kind == TopicKind.GroupMessages ? 16 : 32))),
                DependsOn = random.Next(2) == 0 ? messages.Next<Cursor>() : null,
            },
        };
        if (kind == TopicKind.WelcomeMessages) envelope.WelcomeMessage = messages.Next<WelcomeMessageInput>();
        if (kind == TopicKind.KeyPackages) envelope.UploadKeyPackage = messages.Next<UploadKeyPackageRequest>();
        if (kind == TopicKind.IdentityUpdates) envelope.IdentityUpdate = messages.Next<IdentityUpdate>();
        if (kind == TopicKind.GroupMessages)
            envelope.GroupMessage = Envelopes.GroupMessage(Envelopes.Mls((byte)random.Next(1, 3), (byte)random.Next(1, 4))).GroupMessage;
        return envelope;
    }

    private static bool TryParse<T>(MessageParser<T> parser, byte[] bytes, out T? message)
        where T : class, IMessage<T>
    {
        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            message = null;
            return false;
        }
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        for (var changes = random.Next(3); changes > 0 && bytes.Length > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(5) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                2 => [.. bytes, .. bytes[at..]],
                3 => bytes[..at],
                _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
            };
        }

        return bytes;
    }
}
