using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Protocol.Topics;

/// <summary>Computes the position of a topic on the ring of the <c>stable</c> node selection.</summary>
public static class StableHash
{
    /// <summary>
    /// The position: the first four bytes, big-endian, of SHA-256 of the identifier without the kind byte. Topics with
    /// the same identifier therefore share a position.
    /// </summary>
    public static uint Position(ReadOnlySpan<byte> identifier)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(identifier, hash);
        return BinaryPrimitives.ReadUInt32BigEndian(hash);
    }
}
