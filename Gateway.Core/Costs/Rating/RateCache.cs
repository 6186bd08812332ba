using Xmtp.Gateway.Chain.Contracts;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>
/// The last accepted reading of the rates. Announced rates take effect by the clock, without another reading.
/// </summary>
/// <remarks>
/// A lagging endpoint returns fewer rates than were read before. A shorter list is accepted at the third time in a row:
/// then the chain removed rates.
/// </remarks>
internal sealed class RateCache
{
    private const int AcceptedAfter = 3;

    private readonly Lock _gate = new();
    private volatile RateSchedule _schedule = RateSchedule.Empty;
    private int _shorter;

    internal RateSchedule Schedule => _schedule;

    /// <summary>When it was last confirmed; null before the first reading.</summary>
    internal DateTimeOffset? ReadAt { get; private set; }

    /// <summary>The rates at a time; null while none are known.</summary>
    internal Rates? InForce(DateTimeOffset moment) => _schedule.InForce(moment);

    /// <summary>Adds a reading.</summary>
    /// <returns>False when it was not accepted because the endpoint lags.</returns>
    internal bool Learn(RateSchedule read, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (read.All.Count < _schedule.All.Count && ++_shorter < AcceptedAfter) return false;
            _shorter = 0;
            ReadAt = at;
            if (!read.All.SequenceEqual(_schedule.All)) _schedule = read;
            return true;
        }
    }
}
