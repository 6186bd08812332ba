namespace Xmtp.Gateway.Bench.Scaling;

/// <summary>What all servers of a Redis did in a while.</summary>
/// <param name="All">Their sum.</param>
/// <param name="BusiestShare">The part of the processor time that the busiest server used, from 0 to 1.</param>
/// <param name="Seconds">How long.</param>
internal sealed record RedisUse(RedisReading All, double BusiestShare, double Seconds)
{
    /// <summary>What came between two readings of the same servers.</summary>
    public static RedisUse Between(IReadOnlyList<RedisReading> before, IReadOnlyList<RedisReading> after, double seconds)
    {
        var each = after.Select((reading, i) => reading.Since(before[i])).ToList();
        var all = each.Aggregate((sum, next) => sum.Plus(next));
        return new RedisUse(all, each.Max(one => one.CpuMicroseconds) / all.CpuMicroseconds, seconds);
    }

    /// <summary>A second of it.</summary>
    public RedisReading PerSecond => All.Times(1 / Seconds);

    /// <summary>A publish of it, without what is done at rest.</summary>
    public RedisReading PerPublish(RedisUse rest, double publishes) => All.Since(rest.PerSecond.Times(Seconds)).Times(1 / publishes);
}
