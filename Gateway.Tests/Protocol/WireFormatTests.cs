using System.Buffers;
using System.Text;
using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Protocol;

public class WireFormatTests
{
    [Fact]
    public void The_payer_signs_target_node_payer_and_envelope()
    {
        var hash = new byte[32];
        PayerSignature.Hash(100, "envelope"u8, hash);
        byte[] joined = [.. Encoding.ASCII.GetBytes("target|"), 0, 0, 0, 100, .. Encoding.ASCII.GetBytes("payer|envelope")];
        Assert.Equal(Keccak256.Hash(joined), hash);
    }

    [Fact]
    public void The_originator_signs_its_label_and_the_unsigned_envelope()
    {
        var hash = new byte[32];
        OriginatorSignature.Hash("unsigned"u8, hash);
        Assert.Equal(Keccak256.Hash("originator|unsigned"u8), hash);
    }

    // SHA-256 of "abc" begins with ba7816bf (FIPS 180-4).
    [Fact]
    public void The_stable_position_is_the_head_of_the_hash_of_the_identifier() =>
        Assert.Equal(0xba7816bfu, StableHash.Position("abc"u8));

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(100u, 100)]
    [InlineData(uint.MaxValue, 20_000)]
    public void The_request_to_a_node_is_what_the_generated_code_writes(uint node, int size)
    {
        var client = new[] { Envelopes.Welcome(1, size), Envelopes.Application(2, size) };
        Assert.Null(EnvelopeReader.ReadRequest(Envelopes.Request(client).ToByteArray(), out var parsed));
        var signatures = Envelopes.Id(130);
        var written = new ArrayBufferWriter<byte>();
        PayerEnvelopeWriter.Write(written, node, parsed, signatures);

        var expected = new PublishPayerEnvelopesRequest();
        for (var i = 0; i < client.Length; i++)
            expected.PayerEnvelopes.Add(new PayerEnvelope
            {
                UnsignedClientEnvelope = client[i].ToByteString(),
                PayerSignature = new RecoverableEcdsaSignature { Bytes = ByteString.CopyFrom(signatures.AsSpan(65 * i, 65)) },
                TargetOriginator = node,
                MessageRetentionDays = 60,
            });
        Assert.Equal(expected.ToByteArray(), written.WrittenSpan.ToArray());
        Assert.Equal(written.WrittenCount, PayerEnvelopeWriter.GetSize(node, parsed));
    }

    [Fact]
    public void An_originator_envelope_is_written_and_read_as_the_generated_code_does()
    {
        var payer = OriginatorEnvelopeWriter.PayerEnvelope("client"u8);
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(200, 7, 1_700_000_000_000_000_000, payer, 11, 12, 13);
        var expected = new UnsignedOriginatorEnvelope
        {
            OriginatorNodeId = 200,
            OriginatorSequenceId = 7,
            OriginatorNs = 1_700_000_000_000_000_000,
            PayerEnvelopeBytes = new PayerEnvelope { UnsignedClientEnvelope = ByteString.CopyFromUtf8("client") }.ToByteString(),
            BaseFeePicodollars = 11,
            CongestionFeePicodollars = 12,
            ExpiryUnixtime = 13,
        };
        Assert.Equal(expected.ToByteArray(), unsigned);

        var signature = Envelopes.Id(65);
        var signed = OriginatorEnvelopeWriter.SignedEnvelope(unsigned, signature);
        Assert.Equal(signature, OriginatorEnvelope.Parser.ParseFrom(signed).OriginatorSignature.Bytes.ToByteArray());
        var onChain = OriginatorEnvelopeWriter.ChainEnvelope(unsigned, Envelopes.Id(32));
        Assert.Equal(Envelopes.Id(32), OriginatorEnvelope.Parser.ParseFrom(onChain).BlockchainProof.TransactionHash.ToByteArray());

        Assert.True(OriginatorEnvelopeView.TryRead(signed, out var view));
        Assert.Equal((200u, 7ul), (view.OriginatorNodeId, view.SequenceId));
        Assert.Equal(unsigned, view.UnsignedEnvelope.ToArray());
        Assert.Equal(signature, view.Signature.ToArray());
        Assert.Equal("client"u8.ToArray(), view.ClientEnvelope.ToArray());
        Assert.True(OriginatorEnvelopeView.TryRead(onChain, out var chainView));
        Assert.True(chainView.Signature.IsEmpty);
    }

    [Fact]
    public void A_response_is_cut_into_its_envelopes_and_put_together_again()
    {
        byte[][] envelopes = [[1, 2, 3], [], Envelopes.Id(200)];
        var written = new ArrayBufferWriter<byte>();
        foreach (var envelope in envelopes) PublishResponseWriter.Write(written, envelope);
        Assert.Equal(envelopes.Sum(bytes => PublishResponseWriter.GetSize(bytes.Length)), written.WrittenCount);

        var read = new List<ReadOnlyMemory<byte>>();
        Assert.True(OriginatorEnvelopeView.TryReadResponse(written.WrittenMemory, read));
        Assert.Equal(envelopes, read.Select(bytes => bytes.ToArray()));
    }
}
