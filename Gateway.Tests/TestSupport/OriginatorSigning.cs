using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Signs as a node does.</summary>
public static class OriginatorSigning
{
    public static OriginatorEnvelope Sign(
        PayerEnvelope envelope, uint originator, ulong number, PrivateKeySigner signer, ulong baseFee = 0, ulong congestionFee = 0)
    {
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(originator, number, 1, envelope.ToByteArray(), baseFee, congestionFee);
        var (hash, signature) = (new byte[32], new byte[65]);
        OriginatorSignature.Hash(unsigned, hash);
        signer.Sign(hash, signature);
        return OriginatorEnvelope.Parser.ParseFrom(OriginatorEnvelopeWriter.SignedEnvelope(unsigned, signature));
    }
}
