using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>
/// Creates originator envelopes from staged ones, signed with the node's key. The envelope in a response and the
/// inserted one are signed separately.
/// </summary>
internal sealed class EnvelopeSigner(uint nodeId, PrivateKeySigner signer, TimeProvider time)
{
    private const int SecondsPerDay = 24 * 60 * 60;

    /// <summary>Signs one envelope.</summary>
    public StoredEnvelope Sign(StagedEnvelope staged, EnvelopeFees fees)
    {
        var envelope = staged.Envelope;
        var now = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
        var expiry = envelope.RetentionDays == uint.MaxValue ? 0 : now + ((ulong)envelope.RetentionDays * SecondsPerDay);
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(
            nodeId, staged.SequenceId, staged.Nanoseconds, envelope.Bytes.Span, fees.BaseFee, fees.CongestionFee, expiry);
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Span<byte> signature = stackalloc byte[65];
        OriginatorSignature.Hash(unsigned, hash);
        signer.Sign(hash, signature);
        return new StoredEnvelope(
            nodeId,
            staged.SequenceId,
            envelope.Topic,
            OriginatorEnvelopeWriter.SignedEnvelope(unsigned, signature),
            expiry)
        { Nanoseconds = staged.Nanoseconds };
    }
}
