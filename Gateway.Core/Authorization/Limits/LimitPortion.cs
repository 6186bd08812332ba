namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The part of a limit of the whole gateway that this replica has taken in advance and not used yet.</summary>
/// <remarks>
/// Thread-safe. It never holds more than one portion. The next one is taken when less than a publish needs is left, by one
/// publish at a time; the others take their own amounts meanwhile.
/// </remarks>
/// <param name="limit">The limit.</param>
/// <param name="size">How much is taken at once; at least 1.</param>
/// <param name="time">Measures how much of a window has passed; never compared with the store's clock.</param>
internal sealed class LimitPortion(UsageLimit limit, long size, TimeProvider time)
{
    // Near its end a limit has no whole portion. Then each publish takes its own amount, and a portion is asked for again later.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Lock _guard = new();
    private long _left;
    private long _takenAt;
    private long _validUntil = long.MinValue;
    private long _noneUntil = long.MinValue;
    private bool _isAsked;
    private bool _isClosed;

    /// <summary>How much is taken at once.</summary>
    internal long Size => size;

    /// <summary>Uses a part of it.</summary>
    /// <param name="cost">How much.</param>
    /// <param name="takenAt">When the portion was taken, in Unix milliseconds of the store's clock.</param>
    /// <returns>Whether so much was left.</returns>
    internal bool TryUse(long cost, out long takenAt)
    {
        lock (_guard)
        {
            takenAt = _takenAt;
            if (!IsValid || _left < cost) return false;
            _left -= cost;
            return true;
        }
    }

    /// <summary>Puts back what was used and is not needed.</summary>
    /// <returns>The part that it does not keep: its window is over, or a whole portion is in hand.</returns>
    internal long PutBack(long cost, long takenAt)
    {
        lock (_guard) return IsValid && IsSameWindow(takenAt) ? cost - Keep(cost) : cost;
    }

    /// <summary>
    /// Says whether a publish of this cost takes the next portion; then <see cref="Taken"/> or <see cref="Refused"/> follows.
    /// </summary>
    internal bool TryAsk(long cost)
    {
        lock (_guard)
        {
            if (_isAsked || _isClosed || cost > size || time.GetTimestamp() < _noneUntil) return false;
            return _isAsked = true;
        }
    }

    /// <summary>A portion was taken, and a part of it is used at once.</summary>
    /// <param name="used">That part.</param>
    /// <param name="takenAt">When, in Unix milliseconds of the store's clock.</param>
    /// <param name="asked">The timestamp before the store was asked.</param>
    /// <returns>The part that it does not keep.</returns>
    internal long Taken(long used, long takenAt, long asked)
    {
        lock (_guard)
        {
            _isAsked = false;
            if (!IsValid || !IsSameWindow(takenAt)) _left = 0;
            _takenAt = takenAt;
            _validUntil = limit is SpendCounter budget
                ? asked + (long)((CalendarWindow.End(budget.Per, takenAt) - takenAt) / 1000.0 * time.TimestampFrequency)
                : long.MaxValue;
            return size - used - Keep(size - used);
        }
    }

    /// <summary>No portion was taken.</summary>
    /// <param name="isOver">Whether the limit has none, so that it is not asked for one for a while.</param>
    internal void Refused(bool isOver)
    {
        lock (_guard)
        {
            _isAsked = false;
            if (isOver) _noneUntil = time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency);
        }
    }

    /// <summary>Holds and takes nothing from now on.</summary>
    /// <returns>What was left, and when it was taken.</returns>
    internal (long Left, long TakenAt) Close()
    {
        lock (_guard)
        {
            var left = IsValid ? _left : 0;
            _isClosed = true;
            _left = 0;
            return (left, _takenAt);
        }
    }

    private bool IsValid => time.GetTimestamp() < _validUntil;

    private bool IsSameWindow(long takenAt) => limit is not SpendCounter counter
        || CalendarWindow.End(counter.Per, _takenAt) == CalendarWindow.End(counter.Per, takenAt);

    private long Keep(long amount)
    {
        var kept = _isClosed ? 0 : Math.Min(amount, size - _left);
        _left += kept;
        return kept;
    }
}
