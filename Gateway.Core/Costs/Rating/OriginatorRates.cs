using System.Collections.Concurrent;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>How many messages per minute each originator accepted from this gateway.</summary>
/// <remarks>
/// Nodes count the messages of all payers; this gateway knows only its own. So the congestion computed here is at most
/// what nodes charge; the actual fee is known from their answers. Thread-safe.
/// </remarks>
internal sealed class OriginatorRates(TimeProvider time)
{
    private readonly ConcurrentDictionary<uint, MinuteCounts> _counts = new();

    /// <summary>Counts messages that an originator accepted.</summary>
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

    /// <summary>The current units of congestion of an originator, 0 to 100.</summary>
    /// <param name="originator">The node.</param>
    /// <param name="targetPerMinute">The target rate of the rates.</param>
    /// <param name="more">Messages of the same request that it gets before the one that is priced.</param>
    internal int Units(uint originator, ulong targetPerMinute, int more = 0) =>
        CongestionUnits.Of(_counts.TryGetValue(originator, out var one) ? one.Rate(Minute(), more) : (ulong)more, targetPerMinute);

    private long Minute() => time.GetUtcNow().ToUnixTimeSeconds() / 60;
}
