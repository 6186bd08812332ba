using System.Collections.Concurrent;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>How many messages a minute each originator took from this gateway.</summary>
/// <remarks>
/// Nodes count the messages of all payers; this gateway sees its own alone. So congestion that is computed from here is a
/// lower bound of what nodes charge. Thread-safe.
/// </remarks>
internal sealed class OriginatorRates(TimeProvider time)
{
    private readonly ConcurrentDictionary<uint, MinuteCounts> counts = new();

    /// <summary>An originator took messages.</summary>
    internal void Count(uint originator, int messages) => counts.GetOrAdd(originator, _ => new MinuteCounts()).Add(Minute(), messages);

    /// <summary>Whether no originator is above the target.</summary>
    internal bool IsCalm(ulong targetPerMinute)
    {
        if (targetPerMinute == 0) return true;
        var minute = Minute();
        foreach (var (_, one) in counts)
            if (one.RateInTenths(minute) > (UInt128)targetPerMinute * 10) return false;
        return true;
    }

    /// <summary>The units of congestion of an originator now, 0 to 100.</summary>
    internal int Units(uint originator, ulong targetPerMinute) =>
        counts.TryGetValue(originator, out var one) ? CongestionUnits.Of(one.RateInTenths(Minute()), targetPerMinute) : 0;

    private long Minute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;
}
