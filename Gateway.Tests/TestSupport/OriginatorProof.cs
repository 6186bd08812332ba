using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Checks what came back from the network with the generated code and the curve alone.</summary>
public static class OriginatorProof
{
    /// <summary>Checks that a publish of one envelope was answered, by a node of this network, and that the payer signed it.</summary>
    public static void CheckAnswer(DevNetwork network, Answer answer, EthereumAddress payer, ClientEnvelope sent)
    {
        Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        var envelope = Assert.Single(((PublishClientEnvelopesResponse)answer.Reply!).OriginatorEnvelopes);
        var id = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorNodeId;
        Check(envelope, network.Nodes.Single(node => node.Id == id).PublicKey.Span, payer, sent);
    }

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
