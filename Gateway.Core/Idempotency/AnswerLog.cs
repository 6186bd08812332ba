namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Answers in the order of their arrival, in few large arrays: this way even a hundred thousand answers cost the
/// garbage collector next to nothing.
/// </summary>
/// <remarks>Not thread-safe: its owner locks.</remarks>
internal sealed class AnswerLog
{
    // About 250 answers, and below the threshold of the large object heap.
    private const int ArraySize = 64 * 1024;

    private readonly List<byte[]> _arrays = [];
    private long _firstArray;
    private int _written;

    /// <summary>Adds an answer of any length.</summary>
    internal Place Add(PublishedAnswer answer)
    {
        var length = answer.StoredLength;
        if (_arrays.Count == 0 || _arrays[^1].Length - _written < length)
        {
            _arrays.Add(GC.AllocateUninitializedArray<byte>(Math.Max(ArraySize, length)));
            _written = 0;
        }

        answer.Store(_arrays[^1].AsSpan(_written, length));
        var place = new Place(_firstArray + _arrays.Count - 1, _written, length);
        _written += length;
        return place;
    }

    /// <summary>A copy of an answer.</summary>
    internal byte[] Read(Place place) => _arrays[(int)(place.Array - _firstArray)].AsSpan(place.Start, place.Length).ToArray();

    /// <summary>Removes what precedes an answer, in whole arrays.</summary>
    internal void ForgetBefore(Place place)
    {
        var gone = (int)(place.Array - _firstArray);
        if (gone == 0) return;
        _arrays.RemoveRange(0, gone);
        _firstArray = place.Array;
    }

    /// <summary>The location of an answer.</summary>
    internal readonly record struct Place(long Array, int Start, int Length);
}
