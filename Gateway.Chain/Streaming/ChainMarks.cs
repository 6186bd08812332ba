namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The blocks that are remembered by their hashes: those with logs, and those where a reading ended.</summary>
/// <remarks>At most <see cref="MaxMarks"/>. Below the depth that may be undone one is kept, as the ground to fall back to.</remarks>
internal sealed class ChainMarks
{
    private const int MaxMarks = 1024;
    private readonly List<BlockMark> _marks;

    public ChainMarks(IEnumerable<BlockMark> known) => _marks = [.. known.OrderBy(mark => mark.Number)];

    /// <summary>The newest.</summary>
    public BlockMark? Last => _marks.Count == 0 ? null : _marks[^1];

    /// <summary>Ascending.</summary>
    public IReadOnlyList<BlockMark> All => [.. _marks];

    public void Add(BlockMark mark)
    {
        if (Last is { } last && mark.Number <= last.Number) return;
        _marks.Add(mark);
    }

    /// <summary>Forgets every block from this number on.</summary>
    public void DropFrom(ulong number) => _marks.RemoveAll(mark => mark.Number >= number);

    /// <summary>The newest at or below a height; null when there is none.</summary>
    public BlockMark? AtOrBelow(ulong number)
    {
        for (var i = _marks.Count - 1; i >= 0; i--)
            if (_marks[i].Number <= number) return _marks[i];
        return null;
    }

    /// <summary>Forgets what is settled, but for the newest of it.</summary>
    /// <returns>The block from which on everything can be undone: nothing goes back below it, unless to the very beginning.</returns>
    public ulong Trim(ulong settledBelow)
    {
        var settled = _marks.FindLastIndex(mark => mark.Number < settledBelow);
        if (settled > 0) _marks.RemoveRange(0, settled);
        // Thinned out evenly: going back then re-reads a few blocks more.
        if (_marks.Count > MaxMarks)
            for (var i = _marks.Count - 2; i > 0; i -= 2) _marks.RemoveAt(i);
        return _marks.Count > 0 && _marks[0].Number < settledBelow ? _marks[0].Number + 1 : 0;
    }
}
