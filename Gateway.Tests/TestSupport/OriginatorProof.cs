using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Checks what came back from the network with the generated code and the curve alone.</summary>
public static class OriginatorProof
{
    /// <summary>Opens an originator envelope and checks that the node signed it and the payer signed what is in it.</summary>
    public static UnsignedOriginatorEnvelope Check(
        OriginatorEnvelope envelope, ReadOnlySpan<byte> nodeKey, EthereumAddress payer, ClientEnvelope sent)
    {
        var hash = new byte[32];
        OriginatorSignature.Hash(envelope.UnsignedOriginatorEnvelope.Span, hash);
        Assert.True(Secp256k1.Default.Verify(hash, envelope.OriginatorSignature.Bytes.Span, nodeKey), "the node did not sign this");

        var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
        var payerEnvelope = PayerEnvelope.Parser.ParseFrom(unsigned.PayerEnvelopeBytes);
        Assert.Equal(sent.ToByteString(), payerEnvelope.UnsignedClientEnvelope);
        Assert.Equal(unsigned.OriginatorNodeId, payerEnvelope.TargetOriginator);
        Assert.Equal(60u, payerEnvelope.MessageRetentionDays);

        var key = new byte[65];
        PayerSignature.Hash(unsigned.OriginatorNodeId, payerEnvelope.UnsignedClientEnvelope.Span, hash);
        Assert.True(Secp256k1.Default.TryRecover(hash, payerEnvelope.PayerSignature.Bytes.Span, key));
        Assert.Equal(payer, EthereumAddress.FromPublicKey(key));
        return unsigned;
    }
}
