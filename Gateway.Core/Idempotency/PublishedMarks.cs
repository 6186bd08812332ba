using System.Numerics;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// The keys of published envelopes whose answers are no longer kept, each with the time of its answer: some 50 bytes each.
/// </summary>
/// <remarks>
/// Marks have numbers in the order of their times, and only the oldest are removed. Each bucket has the number of its newest mark,
/// and a mark that of the next older one in its bucket. So a link to a removed mark is known by its number, and ends the search.
/// Not thread-safe: its owner locks.
/// </remarks>
/// <param name="expected">How many marks there may be; at least 1. More of them make lookups slower.</param>
internal sealed class PublishedMarks(int expected)
{
    private const int MarksPerBucket = 4;

    // Below the threshold of the large object heap. Numbers start above 0, which is no mark.
    private const int PageSize = 1024;

    private readonly List<Mark[]> _pages = [];
    private long[] _newest = [];
    private long _firstPage = 1;
    private long _first = PageSize;
    private long _next = PageSize;

    /// <summary>The number of marks.</summary>
    internal int Count => (int)(_next - _first);

    /// <summary>Adds a mark, which is the newest then.</summary>
    /// <param name="key">An envelope without a mark.</param>
    /// <param name="at">The timestamp of its answer.</param>
    internal void Add(EnvelopeKey key, long at)
    {
        if (_newest.Length == 0) _newest = new long[BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, expected / MarksPerBucket))];
        if (_next % PageSize == 0) _pages.Add(GC.AllocateUninitializedArray<Mark>(PageSize));
        ref var newest = ref _newest[BucketOf(key)];
        Of(_next) = new Mark(key, at, newest);
        newest = _next++;
    }

    /// <summary>Whether an envelope has a mark.</summary>
    internal bool Contains(EnvelopeKey key)
    {
        if (Count == 0) return false;
        for (var number = _newest[BucketOf(key)]; number >= _first; number = Of(number).Older)
        {
            if (Of(number).Key == key) return true;
        }

        return false;
    }

    /// <summary>Removes the marks of a certain age and above.</summary>
    internal void Remove(TimeSpan age, TimeProvider time)
    {
        while (_first < _next && time.GetElapsedTime(Of(_first).At) >= age) _first++;
        var gone = (int)((_first / PageSize) - _firstPage);
        if (gone == 0) return;
        _pages.RemoveRange(0, gone);
        _firstPage += gone;
    }

    private int BucketOf(EnvelopeKey key) => key.GetHashCode() & (_newest.Length - 1);

    private ref Mark Of(long number) => ref _pages[(int)((number / PageSize) - _firstPage)][number % PageSize];

    private readonly record struct Mark(EnvelopeKey Key, long At, long Older);
}
