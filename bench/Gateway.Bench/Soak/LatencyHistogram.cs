namespace Xmtp.Gateway.Bench.Soak;

/// <summary>How long calls took, in steps of 2%: its size does not grow with their number. Many callers write to it at once.</summary>
internal sealed class LatencyHistogram
{
    // From 10 µs to more than an hour.
    private const double First = 0.01, Step = 1.02;
    private const int Count = 1_000;
    private readonly long[] _counts = new long[Count];

    /// <summary>The number of calls.</summary>
    public long Calls => _counts.Sum();

    /// <summary>Adds a call.</summary>
    public void Add(TimeSpan took)
    {
        var step = Math.Log(took.TotalMilliseconds / First) / Math.Log(Step);
        Interlocked.Increment(ref _counts[(int)Math.Clamp(step, 0, Count - 1)]);
    }

    /// <summary>All calls of several.</summary>
    public static LatencyHistogram Of(IEnumerable<LatencyHistogram> parts)
    {
        var all = new LatencyHistogram();
        foreach (var part in parts)
            for (var i = 0; i < Count; i++) all._counts[i] += part._counts[i];
        return all;
    }

    /// <summary>What this part of the calls took at most, in milliseconds; 0 without any.</summary>
    /// <param name="part">From 0 to 1.</param>
    public double Percentile(double part)
    {
        var left = (long)Math.Ceiling(part * Calls);
        if (left == 0) return 0;
        var step = 0;
        while ((left -= _counts[step]) > 0) step++;
        return First * Math.Pow(Step, step + 1);
    }
}
