namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The blocks that are remembered by their hashes: those with logs, and those where a reading ended.</summary>
/// <remarks>At most <see cref="MaxMarks"/>. Below the depth that may be undone one is kept, as the ground to fall back to.</remarks>
internal sealed class ChainMarks
{
    private const int MaxMarks = 1024;
    private readonly List<BlockMark> marks;

    public ChainMarks(IEnumerable<BlockMark> known) => marks = [.. known.OrderBy(mark => mark.Number)];

    /// <summary>The newest.</summary>
    public BlockMark? Last => marks.Count == 0 ? null : marks[^1];

    /// <summary>Ascending.</summary>
    public IReadOnlyList<BlockMark> All => [.. marks];

    public void Add(BlockMark mark)
    {
        if (Last is { } last && mark.Number <= last.Number) return;
        marks.Add(mark);
    }

    /// <summary>Forgets every block from this number on.</summary>
    public void DropFrom(ulong number) => marks.RemoveAll(mark => mark.Number >= number);

    /// <summary>The newest at or below a height; null when there is none.</summary>
    public BlockMark? AtOrBelow(ulong number)
    {
        for (var i = marks.Count - 1; i >= 0; i--)
            if (marks[i].Number <= number) return marks[i];
        return null;
    }

    /// <summary>Forgets what is settled, but for the newest of it.</summary>
    /// <returns>The block from which on everything can be undone: nothing goes back below it, unless to the very beginning.</returns>
    public ulong Trim(ulong settledBelow)
    {
        var settled = marks.FindLastIndex(mark => mark.Number < settledBelow);
        if (settled > 0) marks.RemoveRange(0, settled);
        // Thinned out evenly: going back then re-reads a few blocks more.
        if (marks.Count > MaxMarks)
            for (var i = marks.Count - 2; i > 0; i -= 2) marks.RemoveAt(i);
        return marks.Count > 0 && marks[0].Number < settledBelow ? marks[0].Number + 1 : 0;
    }
}
