using System.Buffers.Binary;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain;

/// <summary>A 32-byte value: a transaction hash, a block hash, an event topic, a storage word.</summary>
public readonly record struct Bytes32
{
    /// <summary>The size, in bytes.</summary>
    public const int Size = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Copies 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public Bytes32(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"this takes {Size} bytes, not {bytes.Length}", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>A new array of the 32 bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Writes the 32 bytes to the start of <paramref name="destination"/>.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    /// <summary>Reads exactly 0x or 0X and 64 hexadecimal digits.</summary>
    public static bool TryParse(string? text, out Bytes32 value)
    {
        value = default;
        if (text?.Length != 2 + (2 * Size) || !HexData.TryParse(text, out var bytes)) return false;
        value = new Bytes32(bytes);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="FormatException">The text is not 0x and 64 digits.</exception>
    public static Bytes32 Parse(string text) =>
        TryParse(text, out var value) ? value : throw new FormatException("expected 0x and 64 hexadecimal digits");

    /// <summary>0x and 64 lower-case hexadecimal digits.</summary>
    public override string ToString() => HexData.Format(ToArray());
}
