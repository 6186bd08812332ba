using System.Buffers.Binary;

namespace Xmtp.Gateway.Chain.Rlp;

/// <summary>Decodes the items of one list in their order; the layout is that of <see cref="RlpWriter"/>.</summary>
/// <remarks>
/// Only the shortest form of each item is taken, and every length is checked against what is left, so whatever is read
/// would be written again as the same bytes. Items are slices of the input. Not thread-safe.
/// </remarks>
public sealed class RlpReader
{
    private ReadOnlyMemory<byte> left;

    private RlpReader(ReadOnlyMemory<byte> items) => left = items;

    /// <summary>Whether all items were read.</summary>
    public bool IsAtEnd => left.IsEmpty;

    /// <summary>Reads the items of a list that is all of <paramref name="data"/>.</summary>
    /// <exception cref="RlpException">It is no such list; so for all methods.</exception>
    public static RlpReader OfList(ReadOnlyMemory<byte> data)
    {
        var outer = new RlpReader(data);
        var list = outer.List();
        return outer.IsAtEnd ? list : throw new RlpException("there is more behind the list");
    }

    /// <summary>The next item, bytes.</summary>
    public ReadOnlyMemory<byte> Bytes() => Next(isList: false);

    /// <summary>The next item, a list.</summary>
    public RlpReader List() => new(Next(isList: true));

    /// <summary>The next item, a number of up to 128 bits.</summary>
    public UInt128 Number()
    {
        Span<byte> bytes = stackalloc byte[16];
        Number(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The next item, a number of up to 64 bits.</summary>
    public ulong Number64() => Number() is var value && value <= ulong.MaxValue ? (ulong)value : throw new RlpException("the number is too large");

    /// <summary>The next item, a number that fills <paramref name="bigEndian"/> from the right.</summary>
    public void Number(Span<byte> bigEndian)
    {
        var digits = Bytes().Span;
        if (digits.Length > bigEndian.Length) throw new RlpException("the number is too large");
        if (digits is [0, ..]) throw new RlpException("the number has leading zeros");
        bigEndian.Clear();
        digits.CopyTo(bigEndian[^digits.Length..]);
    }

    private ReadOnlyMemory<byte> Next(bool isList)
    {
        if (left.IsEmpty) throw new RlpException("an item is missing");
        var first = left.Span[0];
        if (first >= 0xc0 != isList) throw new RlpException(isList ? "expected a list" : "expected bytes");
        if (first < 0x80) return Take(0, 1);
        var form = first - (isList ? 0xc0 : 0x80);
        var item = form <= 55 ? Take(1, form) : Take(1 + form - 55, LongLength(form - 55));
        return !isList && item.Length == 1 && item.Span[0] < 0x80 ? throw new RlpException("a byte is not in its shortest form") : item;
    }

    private int LongLength(int size)
    {
        if (size > 4 || left.Length < 1 + size) throw new RlpException("a length reaches past the end");
        var digits = left.Span.Slice(1, size);
        Span<byte> bytes = stackalloc byte[4];
        digits.CopyTo(bytes[^size..]);
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes);
        return digits[0] == 0 || length is >= 0 and <= 55 ? throw new RlpException("a length is not in its shortest form") : length;
    }

    private ReadOnlyMemory<byte> Take(int start, int length)
    {
        if (length < 0 || length > left.Length - start) throw new RlpException("a length reaches past the end");
        var item = left.Slice(start, length);
        left = left[(start + length)..];
        return item;
    }
}
