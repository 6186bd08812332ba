namespace Xmtp.Gateway.Idempotency;

/// <summary>Answers in the order in which they came, in few large arrays: a hundred thousand of them are nothing for the collector to walk.</summary>
/// <remarks>Not thread-safe: its owner locks.</remarks>
internal sealed class AnswerLog
{
    // Some 250 answers, and small enough to be an ordinary object.
    private const int ArraySize = 64 * 1024;

    private readonly List<byte[]> arrays = [];
    private long firstArray;
    private int written;

    /// <summary>Adds an answer of any length.</summary>
    internal Place Add(PublishedAnswer answer)
    {
        var length = answer.StoredLength;
        if (arrays.Count == 0 || arrays[^1].Length - written < length)
        {
            arrays.Add(GC.AllocateUninitializedArray<byte>(Math.Max(ArraySize, length)));
            written = 0;
        }

        answer.Store(arrays[^1].AsSpan(written, length));
        var place = new Place(firstArray + arrays.Count - 1, written, length);
        written += length;
        return place;
    }

    /// <summary>A copy of an answer.</summary>
    internal byte[] Read(Place place) => arrays[(int)(place.Array - firstArray)].AsSpan(place.Start, place.Length).ToArray();

    /// <summary>Forgets what came before an answer, give or take an array.</summary>
    internal void ForgetBefore(Place place)
    {
        var gone = (int)(place.Array - firstArray);
        if (gone == 0) return;
        arrays.RemoveRange(0, gone);
        firstArray = place.Array;
    }

    /// <summary>Where an answer is.</summary>
    internal readonly record struct Place(long Array, int Start, int Length);
}
