using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>The last good reading of the rates. What is announced comes into force by the clock, without another reading.</summary>
/// <remarks>
/// An endpoint that lags knows fewer rates than were read before. A shorter list counts when it was read three times in
/// a row: then the chain took rates back.
/// </remarks>
internal sealed class RateCache
{
    private const int BelievedAfter = 3;

    private readonly Lock _gate = new();
    private volatile RateSchedule _schedule = RateSchedule.Empty;
    private int _shorter;

    /// <summary>The schedule.</summary>
    internal RateSchedule Schedule => _schedule;

    /// <summary>When it was last confirmed; null before the first reading.</summary>
    internal DateTimeOffset? ReadAt { get; private set; }

    /// <summary>The rates of a moment; null while none are known.</summary>
    internal Rates? InForce(DateTimeOffset moment) => _schedule.InForce(moment);

    /// <summary>Takes a reading.</summary>
    /// <returns>False when it was not believed: the endpoint lags.</returns>
    internal bool Learn(RateSchedule read, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (read.All.Count < _schedule.All.Count && ++_shorter < BelievedAfter) return false;
            _shorter = 0;
            ReadAt = at;
            if (!read.All.SequenceEqual(_schedule.All)) _schedule = read;
            return true;
        }
    }
}
