using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Abi;

/// <summary>Decodes the members of one tuple in order; the layout is that of <see cref="AbiWriter"/>.</summary>
/// <remarks>
/// The bytes come from an endpoint that may be wrong or hostile. Every offset and length is checked against the input,
/// numbers must fit their type, and padding must be zero. Offsets may point anywhere, so a small input could describe a
/// huge value by pointing at the same place many times: copied bytes and array elements are charged to a budget of the
/// size of the whole input. Not thread-safe.
/// </remarks>
public sealed class AbiReader
{
    private const int Word = AbiWriter.Word;

    private readonly ReadOnlyMemory<byte> _frame;
    private readonly Budget _budget;
    private int _at;

    /// <summary>Reads a function's result, the arguments after a selector, or the data of an event.</summary>
    public AbiReader(ReadOnlyMemory<byte> data)
        : this(data, new Budget { Left = data.Length })
    {
    }

    private AbiReader(ReadOnlyMemory<byte> frame, Budget budget)
    {
        _frame = frame;
        _budget = budget;
    }

    /// <summary>uint8 to uint64; <paramref name="bits"/> is the size of the type.</summary>
    /// <exception cref="AbiException">The bytes are not such a number. The other methods throw it in the same
    /// way.</exception>
    public ulong UInt64(int bits = 64)
    {
        var value = UInt(bits);
        return value <= ulong.MaxValue ? (ulong)value : throw new AbiException($"the number is larger than {bits} bits");
    }

    /// <summary>uint8 to uint32.</summary>
    public uint UInt32(int bits = 32) => (uint)UInt64(bits);

    /// <summary>Any uintN.</summary>
    public BigInteger UInt(int bits)
    {
        var value = new BigInteger(NextWord().Span, isUnsigned: true, isBigEndian: true);
        return value.GetBitLength() <= bits ? value : throw new AbiException($"the number is larger than {bits} bits");
    }

    /// <summary>Any intN: two's complement, sign-extended to the left.</summary>
    public BigInteger Int(int bits)
    {
        var value = new BigInteger(NextWord().Span, isUnsigned: false, isBigEndian: true);
        return value.GetBitLength() < bits ? value : throw new AbiException($"the number is larger than {bits} bits");
    }

    /// <summary>bool: 0 or 1.</summary>
    public bool Bool() => UInt64() switch
    {
        0 => false,
        1 => true,
        _ => throw new AbiException("the bool is neither 0 nor 1"),
    };

    /// <summary>address.</summary>
    public EthereumAddress Address()
    {
        var word = NextWord().Span;
        return word[..12].ContainsAnyExcept((byte)0)
            ? throw new AbiException("the address is longer than 20 bytes")
            : new EthereumAddress(word[12..]);
    }

    /// <summary>bytesN: <paramref name="size"/> bytes, 1 to 32. A slice of the input.</summary>
    public ReadOnlyMemory<byte> FixedBytes(int size)
    {
        var word = NextWord();
        return word.Span[size..].ContainsAnyExcept((byte)0)
            ? throw new AbiException($"the value is longer than {size} bytes")
            : word[..size];
    }

    /// <summary>bytes32.</summary>
    public Bytes32 Bytes32() => new(NextWord().Span);

    /// <summary>bytes: a slice of the input, not a copy.</summary>
    public ReadOnlyMemory<byte> Bytes()
    {
        var tail = NextTail();
        var length = Length(tail);
        return length <= tail.Length - Word ? tail.Slice(Word, length) : throw new AbiException("the bytes reach past the end");
    }

    /// <summary>string; invalid UTF-8 becomes replacement characters.</summary>
    public string String()
    {
        var utf8 = Bytes();
        Charge(utf8.Length);
        return Encoding.UTF8.GetString(utf8.Span);
    }

    /// <summary>A tuple with a dynamic member: read its members from the returned reader.</summary>
    public AbiReader DynamicTuple() => new(NextTail(), _budget);

    /// <summary>T[]: <paramref name="read"/> is called once per element and reads one or more members.</summary>
    public T[] Array<T>(Func<AbiReader, T> read)
    {
        var tail = NextTail();
        var count = Length(tail);
        if (count > (tail.Length - Word) / Word) throw new AbiException("the array reaches past the end");
        Charge(count * Word);
        var elements = new AbiReader(tail[Word..], _budget);
        var result = new T[count];
        for (var i = 0; i < count; i++) result[i] = read(elements);
        return result;
    }

    private static int Length(ReadOnlyMemory<byte> tail)
    {
        if (tail.Length < Word) throw new AbiException("a length reaches past the end");
        return Position(tail.Span[..Word]) is var length and >= 0 ? length : throw new AbiException("a length reaches past the end");
    }

    private static int Position(ReadOnlySpan<byte> word) =>
        word[..28].ContainsAnyExcept((byte)0) ? -1 : BinaryPrimitives.ReadInt32BigEndian(word[28..]);

    private ReadOnlyMemory<byte> NextWord()
    {
        if (_frame.Length - _at < Word) throw new AbiException("the data ends too early");
        var word = _frame.Slice(_at, Word);
        _at += Word;
        return word;
    }

    private ReadOnlyMemory<byte> NextTail()
    {
        var offset = Position(NextWord().Span);
        return offset >= 0 && offset <= _frame.Length ? _frame[offset..] : throw new AbiException("an offset points past the end");
    }

    private void Charge(int bytes)
    {
        _budget.Left -= bytes;
        if (_budget.Left < 0) throw new AbiException("the data describes more than it holds");
    }

    private sealed class Budget
    {
        public long Left { get; set; }
    }
}
