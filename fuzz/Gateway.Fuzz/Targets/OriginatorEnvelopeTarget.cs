using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>What a node answers: where both it and the generated parsers can read an envelope, they find the same.</summary>
public sealed class OriginatorEnvelopeTarget : IFuzzTarget
{
    public string Name => "originator-envelope";

    public string Summary => "a PublishPayerEnvelopesResponse and an OriginatorEnvelope of a node, compared with Google.Protobuf";

    public IEnumerable<(string Name, byte[] Input)> Seeds
    {
        get
        {
            var payer = OriginatorEnvelopeWriter.PayerEnvelope(SampleEnvelopes.Welcome.ToByteArray());
            var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(100, 7, 1_700_000_000_000_000_000, payer, 5, 6, 7);
            var signed = OriginatorEnvelopeWriter.SignedEnvelope(unsigned, Bytes.Counted(65));
            var onChain = OriginatorEnvelopeWriter.ChainEnvelope(unsigned, Bytes.Counted(32));
            yield return ("signed", signed);
            yield return ("on-chain", onChain);
            yield return ("both-proofs", [.. signed, .. onChain]);
            yield return ("two-signatures", [.. onChain, .. signed, .. signed]);
            yield return ("response", [0x0a, (byte)(signed.Length % 128 + 128), (byte)(signed.Length / 128), .. signed]);
        }
    }

    public void Run(byte[] input)
    {
        ReadResponse(input);
        if (!OriginatorEnvelopeView.TryRead(input, out var view)) return;
        Expect.That(view.Bytes.Span.SequenceEqual(input), "the bytes of the envelope are its input");
        if (!TryParse(OriginatorEnvelope.Parser, input, out var outer)) return;
        Expect.SameBytes(outer.UnsignedOriginatorEnvelope.Span, view.UnsignedEnvelope.Span, "the unsigned envelope");
        Expect.SameBytes((outer.OriginatorSignature?.Bytes ?? ByteString.Empty).Span, view.Signature.Span, "the signature");
        if (!TryParse(UnsignedOriginatorEnvelope.Parser, view.UnsignedEnvelope.Span, out var inner)) return;
        Expect.Same(inner.OriginatorNodeId, view.OriginatorNodeId, "the node");
        Expect.Same(inner.OriginatorSequenceId, view.SequenceId, "the sequence id");
        Expect.Same(inner.BaseFeePicodollars, view.BaseFee, "the base fee");
        Expect.Same(inner.CongestionFeePicodollars, view.CongestionFee, "the congestion fee");
        Expect.SameBytes(inner.PayerEnvelopeBytes.Span, view.PayerEnvelope.Span, "the payer envelope");
        if (!TryParse(PayerEnvelope.Parser, view.PayerEnvelope.Span, out var payer)) return;
        Expect.SameBytes(payer.UnsignedClientEnvelope.Span, view.ClientEnvelope.Span, "the client envelope");
    }

    private static void ReadResponse(byte[] input)
    {
        var envelopes = new List<ReadOnlyMemory<byte>>();
        if (!OriginatorEnvelopeView.TryReadResponse(input, envelopes)) return;
        if (!TryParse(PublishPayerEnvelopesResponse.Parser, input, out var response)) return;
        Expect.Same(response.OriginatorEnvelopes.Count, envelopes.Count, "the number of envelopes");
        for (var i = 0; i < envelopes.Count; i++)
        {
            Expect.That(
                OriginatorEnvelope.Parser.ParseFrom(envelopes[i].Span).Equals(response.OriginatorEnvelopes[i]),
                "the slice is another envelope's");
        }
    }

    private static bool TryParse<T>(MessageParser<T> parser, ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out T? message)
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
}
