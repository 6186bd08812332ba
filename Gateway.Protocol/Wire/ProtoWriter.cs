namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>Writes protobuf fields into a span that must be large enough.</summary>
internal ref struct ProtoWriter(Span<byte> target)
{
    private readonly Span<byte> _target = target;

    /// <summary>The number of bytes written.</summary>
    internal int Written { get; private set; }

    /// <summary>The size of a varint, in bytes: 1 to 10.</summary>
    internal static int VarintSize(ulong value) => (63 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 7 + 1;

    /// <summary>The size of a length-delimited field with a number below 16.</summary>
    internal static int BytesFieldSize(int length) => 1 + VarintSize((ulong)length) + length;

    /// <summary>The size of a varint field with a number below 16; a zero is not written.</summary>
    internal static int VarintFieldSize(ulong value) => value == 0 ? 0 : 1 + VarintSize(value);

    internal void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _target[Written++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _target[Written++] = (byte)value;
    }

    internal void VarintField(int number, ulong value)
    {
        if (value == 0) return;
        Varint((ulong)number << 3);
        Varint(value);
    }

    internal void BytesHeader(int number, int length)
    {
        Varint(((ulong)number << 3) | ProtoReader.Bytes);
        Varint((ulong)length);
    }

    internal void BytesField(int number, ReadOnlySpan<byte> bytes)
    {
        BytesHeader(number, bytes.Length);
        bytes.CopyTo(_target[Written..]);
        Written += bytes.Length;
    }
}
