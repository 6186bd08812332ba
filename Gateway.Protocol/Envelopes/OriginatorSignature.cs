using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>The hash that an originator signs: keccak256("originator|" ‖ unsigned originator envelope).</summary>
public static class OriginatorSignature
{
    /// <summary>Computes the hash; allocates nothing.</summary>
    /// <param name="unsignedOriginatorEnvelope">The serialized UnsignedOriginatorEnvelope.</param>
    /// <param name="hash">Receives 32 bytes.</param>
    public static void Hash(ReadOnlySpan<byte> unsignedOriginatorEnvelope, Span<byte> hash) =>
        Keccak256.Hash("originator|"u8, unsignedOriginatorEnvelope, hash);
}
