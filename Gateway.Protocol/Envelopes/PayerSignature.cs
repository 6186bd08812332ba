using System.Buffers.Binary;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>The hash that a payer signs: keccak256("target|" ‖ uint32_be(node) ‖ "payer|" ‖ client envelope).</summary>
public static class PayerSignature
{
    private const int PrefixSize = 7 + 4 + 6;

    /// <summary>Computes the hash; allocates nothing.</summary>
    /// <param name="targetOriginator">The node that the envelope is for.</param>
    /// <param name="clientEnvelope">The serialized ClientEnvelope.</param>
    /// <param name="hash">Receives 32 bytes.</param>
    public static void Hash(uint targetOriginator, ReadOnlySpan<byte> clientEnvelope, Span<byte> hash)
    {
        Span<byte> prefix = stackalloc byte[PrefixSize];
        "target|"u8.CopyTo(prefix);
        BinaryPrimitives.WriteUInt32BigEndian(prefix[7..], targetOriginator);
        "payer|"u8.CopyTo(prefix[11..]);
        Keccak256.Hash(prefix, clientEnvelope, hash);
    }
}
