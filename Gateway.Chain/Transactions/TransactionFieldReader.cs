using System.Buffers.Binary;
using Nethereum.RLP;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>Reads the fields of a transaction in order, from an RLP list of byte strings and empty lists.</summary>
/// <remarks>
/// Lengths and nesting are checked before anything is decoded: Nethereum's decoder allocates the stated length before
/// it checks that the input has it, and recurses for each nested list. It also accepts encodings that are not the
/// shortest, so the caller must encode the result again and compare it with the input. Not thread-safe.
/// </remarks>
internal sealed class TransactionFieldReader
{
    private const byte FirstList = 0xc0;
    private const int MaxShortLength = 55;

    private readonly RLPCollection _fields;
    private int _next;

    private TransactionFieldReader(RLPCollection fields) => _fields = fields;

    /// <summary>Decodes the list.</summary>
    /// <exception cref="FormatException">The bytes are not exactly one such list. The other methods throw it for a
    /// wrong field.</exception>
    public static TransactionFieldReader Of(ReadOnlyMemory<byte> list)
    {
        RequireFlatList(list.Span);
        return new TransactionFieldReader((RLPCollection)RLP.Decode(list.ToArray()));
    }

    /// <summary>The next field, bytes.</summary>
    public byte[] Bytes() => Next() is RLPItem item ? item.RLPData ?? [] : throw new FormatException("expected bytes");

    /// <summary>The next field, a list without items.</summary>
    public void EmptyList()
    {
        if (Next() is not RLPCollection) throw new FormatException("expected a list");
    }

    /// <summary>The next field, a number of up to 128 bits.</summary>
    public UInt128 Number()
    {
        Span<byte> bytes = stackalloc byte[16];
        Number(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The next field, a number of up to 64 bits.</summary>
    public ulong Number64() =>
        Number() is var value && value <= ulong.MaxValue ? (ulong)value : throw new FormatException("the number is too large");

    /// <summary>The next field, a number, right-aligned into <paramref name="bigEndian"/>.</summary>
    public void Number(Span<byte> bigEndian)
    {
        var digits = Bytes();
        if (digits.Length > bigEndian.Length) throw new FormatException("the number is too large");
        bigEndian.Clear();
        digits.CopyTo(bigEndian[^digits.Length..]);
    }

    /// <summary>Checks that every field was read.</summary>
    public void End()
    {
        if (_next < _fields.Count) throw new FormatException("there is more behind the last field");
    }

    private IRLPElement Next() => _next < _fields.Count ? _fields[_next++] : throw new FormatException("a field is missing");

    private static void RequireFlatList(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] < FirstList) throw new FormatException("expected a list");
        var items = Content(data, out var end);
        if (end != data.Length) throw new FormatException("there is more behind the list");
        while (!items.IsEmpty)
        {
            if (!Content(items, out end).IsEmpty && items[0] >= FirstList) throw new FormatException("a list is not empty");
            items = items[end..];
        }
    }

    // The content of the first item, and where the item ends.
    private static ReadOnlySpan<byte> Content(ReadOnlySpan<byte> data, out int end)
    {
        var form = data[0] - (data[0] >= FirstList ? FirstList : 0x80);
        var sizeOfLength = Math.Max(0, form - MaxShortLength);
        var start = form < 0 ? 0 : 1 + sizeOfLength;
        if (sizeOfLength > sizeof(uint) || start > data.Length) throw new FormatException("a length reaches past the end");
        long length = form < 0 ? 1 : form;
        if (sizeOfLength > 0)
        {
            Span<byte> bytes = stackalloc byte[sizeof(uint)];
            bytes.Clear();
            data[1..start].CopyTo(bytes[^sizeOfLength..]);
            length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        }

        if (length > data.Length - start) throw new FormatException("a length reaches past the end");
        end = start + (int)length;
        return data[start..end];
    }
}
