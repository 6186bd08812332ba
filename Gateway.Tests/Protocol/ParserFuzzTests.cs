using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Mls;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

/// <summary>Fixed seeds and counts: the same inputs in every run.</summary>
public class ParserFuzzTests
{
    private static readonly ClientEnvelope[] Seeds =
    [
        Envelopes.Welcome(), Envelopes.KeyPackage(), Envelopes.Application(), Envelopes.Commit(), Envelopes.Identity(),
        Envelopes.GroupMessage(Envelopes.Mls(1, 2)),
    ];

    [Fact]
    public void Every_truncation_is_a_fault_or_a_message_and_never_an_exception()
    {
        foreach (var seed in Seeds)
        {
            var bytes = Envelopes.Request(seed).ToByteArray();
            for (var length = 0; length < bytes.Length; length++)
                Assert.NotNull(EnvelopeReader.ReadRequest(bytes.AsMemory(0, length), out _));
        }

        var mls = Envelopes.Mls(1, 3, 0);
        for (var length = 0; length < mls.Length; length++)
            Assert.NotNull(MlsFraming.ReadContentType(mls.AsSpan(0, length), out _));
    }

    [Fact]
    public void What_passes_reads_the_same_to_the_generated_parser()
    {
        var random = new Random(42);
        var passed = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = Mutate(random, Seeds[random.Next(Seeds.Length)].ToByteArray());
            if (EnvelopeReader.Read(bytes, 0, out var envelope) is not null) continue;
            passed++;
            var parsed = ClientEnvelope.Parser.ParseFrom(bytes);
            Assert.Equal(parsed.Aad.TargetTopic.ToByteArray(), envelope!.Topic.Bytes.ToArray());
            Assert.Equal((int)parsed.PayloadCase, (int)envelope.Payload);
            if (parsed.PayloadCase == ClientEnvelope.PayloadOneofCase.GroupMessage)
            {
                Assert.Null(MlsFraming.ReadContentType(parsed.GroupMessage.V1.Data.Span, out var type));
                Assert.Equal(
                    type == MlsContentType.Application ? Destination.BroadcastNetwork : Destination.AppChain, envelope.Destination);
            }
        }

        Assert.InRange(passed, 1_000, 60_000);
    }

    [Fact]
    public void Random_bytes_are_never_an_exception()
    {
        var random = new Random(43);
        for (var i = 0; i < 60_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            EnvelopeReader.ReadRequest(bytes, out _);
            OriginatorEnvelopeView.TryRead(bytes, out _);
            OriginatorEnvelopeView.TryReadResponse(bytes, []);
            MlsFraming.ReadContentType(bytes, out _);
        }
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => [.. bytes[..at], .. bytes[(at + 1)..]],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                2 => [.. bytes, .. bytes[at..]],
                _ => [.. bytes[..at], (byte)(bytes[at] ^ (1 << random.Next(8))), .. bytes[(at + 1)..]],
            };
            if (bytes.Length == 0) return [0];
        }

        return bytes;
    }
}
