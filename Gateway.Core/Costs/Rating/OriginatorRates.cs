using System.Collections.Concurrent;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>How many messages a minute each originator took from this gateway.</summary>
/// <remarks>
/// Nodes count the messages of all payers; this gateway sees its own alone. So congestion that is computed from here is at
/// most what nodes charge, until they answer what it is. Thread-safe.
/// </remarks>
internal sealed class OriginatorRates(TimeProvider time)
{
    private readonly ConcurrentDictionary<uint, MinuteCounts> _counts = new();

    /// <summary>An originator took messages.</summary>
    internal void Count(uint originator, int messages) => _counts.GetOrAdd(originator, _ => new MinuteCounts()).Add(Minute(), messages);

    /// <summary>Whether no originator is above the target.</summary>
    internal bool IsCalm(ulong targetPerMinute)
    {
        if (targetPerMinute == 0) return true;
        var minute = Minute();
        foreach (var (_, one) in _counts)
            if (one.Rate(minute) > targetPerMinute) return false;
        return true;
    }

    /// <summary>The units of congestion of an originator now, 0 to 100.</summary>
    /// <param name="originator">The node.</param>
    /// <param name="targetPerMinute">The target of the rates.</param>
    /// <param name="more">Messages of the same request that it takes before the one that is priced.</param>
    internal int Units(uint originator, ulong targetPerMinute, int more = 0) =>
        CongestionUnits.Of(_counts.TryGetValue(originator, out var one) ? one.Rate(Minute(), more) : (ulong)more, targetPerMinute);

    private long Minute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;
}
