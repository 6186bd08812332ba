namespace Xmtp.Gateway.Costs.Rating;

/// <summary>The message counts of the current minute and of the four whole minutes before.</summary>
internal sealed class MinuteCounts
{
    private readonly Lock _gate = new();
    private readonly ulong[] _minutes = new ulong[5];
    private long _running;

    internal void Add(long minute, int messages)
    {
        lock (_gate)
        {
            MoveTo(minute);
            _minutes[0] += (ulong)messages;
        }
    }

    /// <summary>
    /// The rate that congestion is computed from, in messages per minute: the maximum of the current minute, the last
    /// one, and the weighted last four, truncated to an integer.
    /// </summary>
    /// <param name="minute">The current minute.</param>
    /// <param name="more">Messages that will be counted before the one that is priced.</param>
    internal ulong Rate(long minute, int more = 0)
    {
        lock (_gate)
        {
            MoveTo(minute);
            var weighted = (4 * _minutes[1]) + (3 * _minutes[2]) + (2 * _minutes[3]) + _minutes[4];
            return Math.Max(Math.Max(_minutes[0] + (ulong)more, _minutes[1]), weighted / 10);
        }
    }

    private void MoveTo(long minute)
    {
        // After the clock was set back, counting continues in the minute already reached.
        var passed = minute - _running;
        if (passed <= 0) return;
        for (var i = _minutes.Length - 1; i >= 0; i--) _minutes[i] = i >= passed ? _minutes[i - passed] : 0;
        _running = minute;
    }
}
