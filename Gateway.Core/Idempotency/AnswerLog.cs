namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// Answers in the order in which they came, in few large arrays: a hundred thousand of them are nothing for the
/// collector to walk.
/// </summary>
/// <remarks>Not thread-safe: its owner locks.</remarks>
internal sealed class AnswerLog
{
    // Some 250 answers, and small enough to be an ordinary object.
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

    /// <summary>Forgets what came before an answer, give or take an array.</summary>
    internal void ForgetBefore(Place place)
    {
        var gone = (int)(place.Array - _firstArray);
        if (gone == 0) return;
        _arrays.RemoveRange(0, gone);
        _firstArray = place.Array;
    }

    /// <summary>Where an answer is.</summary>
    internal readonly record struct Place(long Array, int Start, int Length);
}
