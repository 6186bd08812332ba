using System.Diagnostics;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>Counts answers and their times while it is open. Many callers write to it at once.</summary>
internal sealed class LoadRecord
{
    private const int MaxTimes = 1_000_000;
    private readonly long[] _times = new long[MaxTimes];
    private int _count = -1;
    private long _failures;
    private string? _firstFailure;
    private volatile bool _open;

    /// <summary>Counts from now on.</summary>
    /// <returns>The moment.</returns>
    public long Open()
    {
        _open = true;
        return Stopwatch.GetTimestamp();
    }

    /// <summary>Counts no more.</summary>
    /// <returns>How long it was open.</returns>
    public TimeSpan Close(long opened)
    {
        _open = false;
        return Stopwatch.GetElapsedTime(opened);
    }

    public void Answered(long ticks)
    {
        if (!_open) return;
        var at = Interlocked.Increment(ref _count);
        if (at < MaxTimes) _times[at] = ticks;
    }

    /// <summary>A failure counts whenever it happens: a figure with failures in it is no figure.</summary>
    public void Failed(string status)
    {
        Interlocked.Increment(ref _failures);
        Interlocked.CompareExchange(ref _firstFailure, status, null);
    }

    public LoadFigures Figures(TimeSpan elapsed, TimeSpan cpu, long allocated, TimeSpan redisCpu = default)
    {
        var calls = Math.Min(_count + 1, MaxTimes);
        var sorted = _times.AsSpan(0, calls);
        sorted.Sort();
        return new LoadFigures(
            calls, _failures, _firstFailure, elapsed.TotalSeconds, cpu.TotalSeconds, allocated, At(sorted, 0.5), At(sorted, 0.99),
            redisCpu.TotalSeconds);
    }

    private static double At(ReadOnlySpan<long> sorted, double part) =>
        sorted.IsEmpty ? 0 : Stopwatch.GetElapsedTime(0, sorted[(int)(part * (sorted.Length - 1))]).TotalMilliseconds;
}
