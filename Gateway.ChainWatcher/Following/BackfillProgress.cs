using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>
/// Logs every ten seconds how far the reading of a chain's history is: the blocks left, the rate, and the time that they take at
/// that rate; and one line when it has reached the head. Silent where the history is read within the first ten seconds.
/// </summary>
internal sealed partial class BackfillProgress(string chain, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    private long _began;
    private long _reportedAt;
    private ulong? _first;
    private bool _isTold;
    private bool _isDone;

    /// <summary>Records how far it is.</summary>
    /// <param name="next">The next block to read.</param>
    /// <param name="head">The newest block.</param>
    /// <param name="isCaughtUp">Whether the head is reached.</param>
    public void Observe(ulong next, ulong head, bool isCaughtUp)
    {
        if (_isDone) return;
        if (_first is not { } first)
        {
            _first = first = next;
            _began = _reportedAt = time.GetTimestamp();
        }

        var took = time.GetElapsedTime(_began);
        if (isCaughtUp)
        {
            _isDone = true;
            if (_isTold) LogDone(logger, chain, next - Math.Min(next, first), GoDuration.Format(Whole(took)));
            return;
        }

        if (time.GetElapsedTime(_reportedAt) < Every || next <= first) return;
        _reportedAt = time.GetTimestamp();
        _isTold = true;
        var left = head >= next ? head - next + 1 : 0;
        var rate = (next - first) / took.TotalSeconds;
        LogLeft(logger, chain, next, head, left, (long)rate, GoDuration.Format(Whole(TimeSpan.FromSeconds(Math.Min(left / rate, 1e9)))));
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds((long)time.TotalSeconds);

    [LoggerMessage(
        EventIds.BackfillLeft,
        LogLevel.Information,
        "{Chain}: read up to block {Next} of {Head}; {Left} blocks left, {Rate} blocks a second, about {Time}")]
    private static partial void LogLeft(ILogger logger, string chain, ulong next, ulong head, ulong left, long rate, string time);

    [LoggerMessage(EventIds.BackfillDone, LogLevel.Information, "{Chain}: the history is read, {Blocks} blocks in {Time}")]
    private static partial void LogDone(ILogger logger, string chain, ulong blocks, string time);
}
