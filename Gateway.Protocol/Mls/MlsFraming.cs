using System.Buffers.Binary;

namespace Xmtp.Gateway.Protocol.Mls;

/// <summary>Reads as much of an MLSMessage (RFC 9420, section 6) as routing needs: its content type.</summary>
/// <remarks>
/// <code>
/// uint16 version (1)   uint16 wire_format (1 public, 2 private)
/// public:  opaque group_id&lt;V&gt;  uint64 epoch  sender  opaque authenticated_data&lt;V&gt;  uint8 content_type
/// private: opaque group_id&lt;V&gt;  uint64 epoch  uint8 content_type
/// sender:  uint8 type: 1 member + uint32 leaf, 2 external + uint32 index, 3 and 4 nothing more
/// </code>
/// Nothing is allocated, and every length is checked against the remaining bytes.
/// </remarks>
public static class MlsFraming
{
    /// <summary>Reads the content type.</summary>
    /// <param name="message">A TLS-serialized MLSMessage.</param>
    /// <param name="contentType">The content type, when there is no fault.</param>
    /// <returns>Null, or the part that is invalid.</returns>
    public static string? ReadContentType(ReadOnlySpan<byte> message, out MlsContentType contentType)
    {
        contentType = default;
        var rest = message;
        if (!TryTake(ref rest, 2, out var version)) return "MLS version is missing";
        if (BinaryPrimitives.ReadUInt16BigEndian(version) != 1) return "MLS version is not 1";
        if (!TryTake(ref rest, 2, out var format)) return "MLS wire format is missing";
        var wireFormat = BinaryPrimitives.ReadUInt16BigEndian(format);
        if (wireFormat is not (1 or 2)) return "MLS wire format is neither public (1) nor private (2)";
        if (!TrySkipOpaque(ref rest)) return "MLS group id is broken";
        if (!TryTake(ref rest, 8, out _)) return "MLS epoch is missing";
        if (wireFormat == 1 && !TrySkipSender(ref rest)) return "MLS sender is broken";
        if (wireFormat == 1 && !TrySkipOpaque(ref rest)) return "MLS authenticated data is broken";
        if (!TryTake(ref rest, 1, out var type)) return "MLS content type is missing";
        if (type[0] is < 1 or > 3) return "MLS content type is none of application (1), proposal (2), commit (3)";
        contentType = (MlsContentType)type[0];
        return null;
    }

    private static bool TrySkipSender(ref ReadOnlySpan<byte> rest)
    {
        if (!TryTake(ref rest, 1, out var type)) return false;
        return type[0] switch
        {
            1 or 2 => TryTake(ref rest, 4, out _),
            3 or 4 => true,
            _ => false,
        };
    }

    // opaque<V>: the top two bits of the first byte say whether the length has 1, 2 or 4 bytes (RFC 9420, section 2.1.2).
    private static bool TrySkipOpaque(ref ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty) return false;
        var prefix = rest[0] >> 6;
        if (prefix == 3 || !TryTake(ref rest, 1 << prefix, out var bytes)) return false;
        var length = bytes[0] & 0x3F;
        foreach (var b in bytes[1..]) length = (length << 8) | b;
        var shortest = prefix switch { 0 => 0, 1 => 1 << 6, _ => 1 << 14 };
        return length >= shortest && TryTake(ref rest, length, out _);
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int count, out ReadOnlySpan<byte> taken)
    {
        if (rest.Length < count)
        {
            taken = default;
            return false;
        }

        taken = rest[..count];
        rest = rest[count..];
        return true;
    }
}
