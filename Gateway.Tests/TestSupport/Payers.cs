using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>Payer envelopes as gateways send them to nodes, made by the generated code.</summary>
public static class Payers
{
    public static PrivateKeySigner Signer(byte seed = 1) =>
        PrivateKeySigner.TryParse(Convert.ToHexString(Envelopes.Id(32, seed)), out var signer)
            ? signer
            : throw new InvalidOperationException();

    public static PayerEnvelope Sign(ClientEnvelope envelope, uint target, PrivateKeySigner? payer = null, uint retentionDays = 60) =>
        Sign(envelope.ToByteString(), target, payer, retentionDays);

    public static PayerEnvelope Sign(ByteString envelope, uint target, PrivateKeySigner? payer = null, uint retentionDays = 60)
    {
        var (hash, signature) = (new byte[32], new byte[65]);
        PayerSignature.Hash(target, envelope.Span, hash);
        (payer ?? Signer()).Sign(hash, signature);
        return new PayerEnvelope
        {
            UnsignedClientEnvelope = envelope,
            PayerSignature = new RecoverableEcdsaSignature { Bytes = ByteString.CopyFrom(signature) },
            TargetOriginator = target,
            MessageRetentionDays = retentionDays,
        };
    }

    public static PublishPayerEnvelopesRequest Request(params PayerEnvelope[] envelopes) => new() { PayerEnvelopes = { envelopes } };
}
