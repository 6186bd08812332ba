namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The blocks that are remembered by hash: those with logs, and those at which a reading ended.</summary>
/// <remarks>At most <see cref="MaxMarks"/>. One below the reorganization depth is kept, as the block to fall back to.</remarks>
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

    /// <summary>The newest mark at or below a height; null when there is none.</summary>
    public BlockMark? AtOrBelow(ulong number)
    {
        for (var i = _marks.Count - 1; i >= 0; i--)
            if (_marks[i].Number <= number) return _marks[i];
        return null;
    }

    /// <summary>Forgets all settled marks except the newest.</summary>
    /// <returns>The first block that can be undone: no rollback goes below it, except to the first block of all.</returns>
    public ulong Trim(ulong settledBelow)
    {
        var settled = _marks.FindLastIndex(mark => mark.Number < settledBelow);
        if (settled > 0) _marks.RemoveRange(0, settled);
        // Thinned out evenly: a rollback then reads a few more blocks again.
        if (_marks.Count > MaxMarks)
            for (var i = _marks.Count - 2; i > 0; i -= 2) _marks.RemoveAt(i);
        return _marks.Count > 0 && _marks[0].Number < settledBelow ? _marks[0].Number + 1 : 0;
    }
}
