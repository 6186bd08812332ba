using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Answers in the order of their arrival, with their keys and times, in few large arrays: this way even a hundred thousand answers
/// cost the garbage collector next to nothing. An answer takes 55 bytes more than its stored form.
/// </summary>
/// <remarks>
/// Not thread-safe: its owner locks. An answer is kept as
/// <code>
///  0  8  the next older one of its bucket
///  8  8  its timestamp
/// 16 32  its key
/// 48  4  length of the stored form
/// 52  …  the stored form
/// </code>
/// Its number is that of its array, times 65,536, and where it begins in it.
/// </remarks>
internal sealed class AnswerLog : KeyedLog
{
    // About 220 answers, and below the threshold of the large object heap. A longer one has an array of its own.
    private const int ArraySize = 1 << StartBits;
    private const int StartBits = 16;
    private const int At = 8;
    private const int Key = 16;
    private const int Length = 48;
    private const int Header = 52;

    private readonly List<(byte[] Bytes, int Used)> _arrays = [];
    private long _firstArray = 1;
    private int _used;

    /// <summary>The key and the timestamp of the oldest answer; there has to be one.</summary>
    internal (EnvelopeKey Key, long At) Oldest => (KeyOf(First), MemoryMarshal.Read<long>(Of(First)[At..]));

    /// <summary>Writes an answer of any length. It is entered next: <see cref="Enter(long, EnvelopeKey, long)"/>.</summary>
    /// <returns>Its number.</returns>
    internal long Add(PublishedAnswer answer)
    {
        var length = Header + answer.StoredLength;
        if (_arrays.Count == 0 || _arrays[^1].Bytes.Length - _used < length)
        {
            if (_arrays.Count > 0) _arrays[^1] = (_arrays[^1].Bytes, _used);
            _arrays.Add((GC.AllocateUninitializedArray<byte>(Math.Max(ArraySize, length)), 0));
            _used = 0;
        }

        var number = ((_firstArray + _arrays.Count - 1) << StartBits) + _used;
        var place = _arrays[^1].Bytes.AsSpan(_used, length);
        BinaryPrimitives.WriteInt32LittleEndian(place[Length..], answer.StoredLength);
        answer.Store(place[Header..]);
        _used += length;
        return number;
    }

    /// <summary>Enters the answer that was written last.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="key">An envelope without an answer.</param>
    /// <param name="at">The timestamp.</param>
    internal void Enter(long number, EnvelopeKey key, long at)
    {
        var place = Of(number);
        MemoryMarshal.Write(place[At..], at);
        MemoryMarshal.Write(place[Key..], key);
        Enter(number, key);
    }

    /// <summary>Whether an envelope has an answer.</summary>
    internal bool Contains(EnvelopeKey key) => Find(key) != None;

    /// <summary>A copy of the stored form of an envelope's answer; null where there is none.</summary>
    internal byte[]? Read(EnvelopeKey key) =>
        Find(key) is var number and not None ? Of(number).Slice(Header, LengthOf(number)).ToArray() : null;

    /// <summary>Removes the oldest answer.</summary>
    internal void RemoveOldest()
    {
        var next = First + Header + LengthOf(First);
        var array = (int)((First >> StartBits) - _firstArray);
        // Behind the last of an array comes the first of the next.
        if (array < _arrays.Count - 1 && (First & (ArraySize - 1)) + Header + LengthOf(First) == _arrays[array].Used)
            next = (_firstArray + array + 1) << StartBits;
        RemoveFirst(next);
        var gone = (int)((First >> StartBits) - _firstArray);
        if (gone <= 0 || gone >= _arrays.Count) return;
        _arrays.RemoveRange(0, gone);
        _firstArray += gone;
    }

    /// <inheritdoc/>
    protected override EnvelopeKey KeyOf(long entry) => MemoryMarshal.Read<EnvelopeKey>(Of(entry)[Key..]);

    /// <inheritdoc/>
    protected override ref long OlderOf(long entry) => ref MemoryMarshal.AsRef<long>(Of(entry));

    private int LengthOf(long number) => BinaryPrimitives.ReadInt32LittleEndian(Of(number)[Length..]);

    private Span<byte> Of(long number) =>
        _arrays[(int)((number >> StartBits) - _firstArray)].Bytes.AsSpan((int)(number & (ArraySize - 1)));
}
