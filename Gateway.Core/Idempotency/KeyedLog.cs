namespace Xmtp.Gateway.Idempotency;

/// <summary>Entries in the order of their arrival, found by their keys; only the oldest are removed.</summary>
/// <remarks>
/// <para>An entry has a number, higher than those before it. Each bucket has the number of its newest entry, and an entry that of the
/// next older one in its bucket. So a link to a removed entry is known by its number, and ends the search.</para>
/// <para>The index takes less than 3 bytes an entry and grows with them: every third entry splits one bucket, so no caller ever waits
/// until all entries have moved. It is dropped when the last entry is removed.</para>
/// <para>Not thread-safe: its owner locks.</para>
/// </remarks>
internal abstract class KeyedLog
{
    /// <summary>No entry: numbers are higher.</summary>
    protected const long None = 0;

    private const int EntriesPerBucket = 3;

    // 8 KB: far below the threshold of the large object heap. A power of two.
    private const int PageSize = 1024;

    private readonly List<long[]> _newest = [];

    // A round splits each bucket once. There were so many when it began, and so many of them are split.
    private int _before = PageSize;
    private int _split;

    /// <summary>The number of entries.</summary>
    internal int Count { get; private set; }

    /// <summary>The number of the oldest entry; anything where there is none.</summary>
    protected long First { get; private set; }

    /// <summary>The key of an entry.</summary>
    protected abstract EnvelopeKey KeyOf(long entry);

    /// <summary>The next older entry in the bucket of an entry.</summary>
    protected abstract ref long OlderOf(long entry);

    /// <summary>Enters an entry that was added, the newest then, with a key that no other has.</summary>
    protected void Enter(long entry, EnvelopeKey key)
    {
        if (Count == 0) First = entry;
        if (_newest.Count == 0) _newest.Add(new long[PageSize]);
        ref var newest = ref NewestOf(BucketOf(key));
        OlderOf(entry) = newest;
        newest = entry;
        if (++Count > EntriesPerBucket * (_before + _split)) Split();
    }

    /// <summary>The entry of a key.</summary>
    protected long Find(EnvelopeKey key)
    {
        if (Count == 0) return None;
        for (var entry = NewestOf(BucketOf(key)); entry >= First; entry = OlderOf(entry))
        {
            if (KeyOf(entry) == key) return entry;
        }

        return None;
    }

    /// <summary>Removes the oldest entry.</summary>
    /// <param name="next">The number of the next one, or one between both.</param>
    protected void RemoveFirst(long next)
    {
        First = next;
        if (--Count > 0) return;
        _newest.Clear();
        _before = PageSize;
        _split = 0;
    }

    // The entries of one bucket are divided between it and a new one.
    private void Split()
    {
        var (from, to) = (_split, _before + _split);
        if (to % PageSize == 0) _newest.Add(new long[PageSize]);
        var entry = NewestOf(from);
        NewestOf(from) = None;
        if (++_split == _before)
        {
            _before *= 2;
            _split = 0;
        }

        var (stayed, moved) = (None, None);
        while (entry >= First)
        {
            var older = OlderOf(entry);
            OlderOf(entry) = None;
            var bucket = BucketOf(KeyOf(entry));
            ref var last = ref (bucket == from ? ref stayed : ref moved);
            if (last == None) NewestOf(bucket) = entry;
            else OlderOf(last) = entry;
            last = entry;
            entry = older;
        }
    }

    private int BucketOf(EnvelopeKey key)
    {
        var bucket = key.GetHashCode() & ((2 * _before) - 1);
        return bucket < _before + _split ? bucket : bucket - _before;
    }

    private ref long NewestOf(int bucket) => ref _newest[bucket / PageSize][bucket % PageSize];
}
