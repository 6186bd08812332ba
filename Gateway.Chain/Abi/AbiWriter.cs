using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Abi;

/// <summary>Encodes the members of one tuple, such as a function's arguments, in order.</summary>
/// <remarks>
/// Layout: a head of one 32-byte word per member, then the tails. The word of a dynamic member (bytes, string, an
/// array,
/// or a tuple that holds one of these) is the offset of its tail from the start of the head. A tuple without dynamic
/// members is encoded in place: write its members as if there were no tuple. Numbers are right-aligned big-endian,
/// bytesN is left-aligned, bytes and strings are a length word and the bytes padded to whole words. Not thread-safe.
/// </remarks>
public sealed class AbiWriter
{
    internal const int Word = 32;

    private readonly List<(byte[] Bytes, bool IsTail)> _members = [];

    /// <summary>uint8 to uint128.</summary>
    public AbiWriter UInt(UInt128 value)
    {
        var word = new byte[Word];
        BinaryPrimitives.WriteUInt128BigEndian(word.AsSpan(16), value);
        return Static(word);
    }

    /// <summary>Any intN or uintN; negative numbers in two's complement.</summary>
    /// <exception cref="OverflowException">The number needs more than 256 bits.</exception>
    public AbiWriter Int(BigInteger value)
    {
        var word = new byte[Word];
        if (value.Sign < 0) word.AsSpan().Fill(0xff);
        var size = value.GetByteCount(isUnsigned: value.Sign >= 0);
        if (size > Word) throw new OverflowException("the number needs more than 256 bits");
        value.TryWriteBytes(word.AsSpan(Word - size), out _, isUnsigned: value.Sign >= 0, isBigEndian: true);
        return Static(word);
    }

    /// <summary>bool.</summary>
    public AbiWriter Bool(bool value) => UInt(value ? 1u : 0u);

    /// <summary>address.</summary>
    public AbiWriter Address(EthereumAddress value)
    {
        var word = new byte[Word];
        value.Bytes.CopyTo(word.AsSpan(Word - EthereumAddress.Size));
        return Static(word);
    }

    /// <summary>bytes1 to bytes32, by the length of the span.</summary>
    /// <exception cref="ArgumentException">The span is empty or longer than 32 bytes.</exception>
    public AbiWriter FixedBytes(ReadOnlySpan<byte> value)
    {
        if (value.Length is 0 or > Word) throw new ArgumentException("bytesN holds 1 to 32 bytes", nameof(value));
        var word = new byte[Word];
        value.CopyTo(word);
        return Static(word);
    }

    /// <summary>bytes.</summary>
    public AbiWriter Bytes(ReadOnlySpan<byte> value)
    {
        var tail = new byte[Word + RoundUp(value.Length)];
        BinaryPrimitives.WriteInt32BigEndian(tail.AsSpan(Word - 4), value.Length);
        value.CopyTo(tail.AsSpan(Word));
        return Tail(tail);
    }

    /// <summary>string, as UTF-8.</summary>
    public AbiWriter String(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    /// <summary>A tuple with a dynamic member.</summary>
    public AbiWriter DynamicTuple(Action<AbiWriter> write)
    {
        var inner = new AbiWriter();
        write(inner);
        return Tail(inner.ToArray());
    }

    /// <summary>T[]: each element is written as one or more members, a tuple with dynamic members by <see cref="DynamicTuple"/>.</summary>
    public AbiWriter Array<T>(IReadOnlyCollection<T> items, Action<AbiWriter, T> write)
    {
        var inner = new AbiWriter();
        foreach (var item in items) write(inner, item);
        var count = new byte[Word];
        BinaryPrimitives.WriteInt32BigEndian(count.AsSpan(Word - 4), items.Count);
        return Tail([.. count, .. inner.ToArray()]);
    }

    /// <summary>The encoding, without a selector.</summary>
    public byte[] ToArray() => ToArray([]);

    /// <summary>The encoding after a selector: the data of a call.</summary>
    public byte[] ToArray(ReadOnlySpan<byte> selector)
    {
        var head = _members.Sum(member => member.IsTail ? Word : member.Bytes.Length);
        var result = new byte[selector.Length + head + _members.Sum(member => member.IsTail ? member.Bytes.Length : 0)];
        selector.CopyTo(result);
        var body = result.AsSpan(selector.Length);
        var (at, tail) = (0, head);
        foreach (var (bytes, isTail) in _members)
        {
            if (isTail) BinaryPrimitives.WriteInt32BigEndian(body[(at + Word - 4)..], tail);
            bytes.CopyTo(body[(isTail ? tail : at)..]);
            at += isTail ? Word : bytes.Length;
            tail += isTail ? bytes.Length : 0;
        }

        return result;
    }

    private static int RoundUp(int length) => checked(length + Word - 1) / Word * Word;

    private AbiWriter Static(byte[] word)
    {
        _members.Add((word, false));
        return this;
    }

    private AbiWriter Tail(byte[] bytes)
    {
        _members.Add((bytes, true));
        return this;
    }
}
