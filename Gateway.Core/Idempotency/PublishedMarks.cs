namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// The keys of published envelopes whose answers are no longer kept, each with the time of its answer: some 50 bytes each, in the
/// order of their times. Not thread-safe: its owner locks.
/// </summary>
internal sealed class PublishedMarks : KeyedLog
{
    // Below the threshold of the large object heap. Numbers start above 0, which is not a mark.
    private const int PageSize = 1024;

    private readonly List<Mark[]> _pages = [];
    private long _firstPage = 1;
    private long _next = PageSize;

    /// <summary>Adds a mark, which is the newest then.</summary>
    /// <param name="key">An envelope without a mark.</param>
    /// <param name="at">The timestamp of its answer.</param>
    internal void Add(EnvelopeKey key, long at)
    {
        if (_next % PageSize == 0) _pages.Add(GC.AllocateUninitializedArray<Mark>(PageSize));
        Of(_next) = new Mark { Key = key, At = at };
        Enter(_next, key);
        _next++;
    }

    /// <summary>Whether an envelope has a mark.</summary>
    internal bool Contains(EnvelopeKey key) => Find(key) != None;

    /// <summary>Removes the marks of a certain age and above.</summary>
    internal void Remove(TimeSpan age, TimeProvider time)
    {
        if (Count == 0) return;
        while (Count > 0 && time.GetElapsedTime(Of(First).At) >= age) RemoveFirst(First + 1);
        var gone = (int)((First / PageSize) - _firstPage);
        if (gone == 0) return;
        _pages.RemoveRange(0, gone);
        _firstPage += gone;
    }

    /// <inheritdoc/>
    protected override EnvelopeKey KeyOf(long entry) => Of(entry).Key;

    /// <inheritdoc/>
    protected override ref long OlderOf(long entry) => ref Of(entry).Older;

    private ref Mark Of(long number) => ref _pages[(int)((number / PageSize) - _firstPage)][number % PageSize];

    private struct Mark
    {
        public EnvelopeKey Key;
        public long At;
        public long Older;
    }
}
