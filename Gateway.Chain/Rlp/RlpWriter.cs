using System.Buffers;
using System.Buffers.Binary;

namespace Xmtp.Gateway.Chain.Rlp;

/// <summary>Encodes the items of one list in RLP.</summary>
/// <remarks>
/// Layout: a byte below 0x80 is itself. Up to 55 bytes: 0x80 + length, then the bytes; more: 0xb7 + the size of the
/// length, the length big-endian without leading zeros, then the bytes. Lists the same with 0xc0 and 0xf7 around their
/// items. A number is its big-endian bytes without leading zeros, so zero is no bytes. Not thread-safe.
/// </remarks>
public sealed class RlpWriter
{
    private const int LongestShort = 55;

    private readonly ArrayBufferWriter<byte> items = new();

    /// <summary>Bytes.</summary>
    public RlpWriter Bytes(ReadOnlySpan<byte> value)
    {
        if (value.Length != 1 || value[0] >= 0x80) Header(items, 0x80, value.Length);
        items.Write(value);
        return this;
    }

    /// <summary>A number.</summary>
    public RlpWriter Number(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return Bytes(bytes.TrimStart((byte)0));
    }

    /// <summary>A number of up to 256 bits, given as big-endian bytes that may have leading zeros: r and s of a signature.</summary>
    public RlpWriter Number(ReadOnlySpan<byte> bigEndian) => Bytes(bigEndian.TrimStart((byte)0));

    /// <summary>A list without items.</summary>
    public RlpWriter EmptyList()
    {
        Header(items, 0xc0, 0);
        return this;
    }

    /// <summary>The list of all items, behind <paramref name="prefix"/>.</summary>
    public byte[] ToArray(ReadOnlySpan<byte> prefix = default)
    {
        var header = new ArrayBufferWriter<byte>(9);
        Header(header, 0xc0, items.WrittenCount);
        return [.. prefix, .. header.WrittenSpan, .. items.WrittenSpan];
    }

    private static void Header(ArrayBufferWriter<byte> to, byte kind, int length)
    {
        if (length <= LongestShort)
        {
            to.Write([(byte)(kind + length)]);
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        var digits = bytes.TrimStart((byte)0);
        to.Write([(byte)(kind + LongestShort + digits.Length)]);
        to.Write(digits);
    }
}
