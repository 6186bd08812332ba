namespace Xmtp.Gateway.Costs.Rating;

/// <summary>The messages of the running minute and of the four whole ones before.</summary>
internal sealed class MinuteCounts
{
    private readonly Lock gate = new();
    private readonly ulong[] minutes = new ulong[5];
    private long running;

    internal void Add(long minute, int messages)
    {
        lock (gate)
        {
            MoveTo(minute);
            minutes[0] += (ulong)messages;
        }
    }

    /// <summary>The rate that congestion is computed from, in messages a minute: the running minute, the last one, or the weighted last four, cut to an integer, whichever is most.</summary>
    /// <param name="minute">The running minute.</param>
    /// <param name="more">Messages that will be counted before the one that is priced.</param>
    internal ulong Rate(long minute, int more = 0)
    {
        lock (gate)
        {
            MoveTo(minute);
            var weighted = (4 * minutes[1]) + (3 * minutes[2]) + (2 * minutes[3]) + minutes[4];
            return Math.Max(Math.Max(minutes[0] + (ulong)more, minutes[1]), weighted / 10);
        }
    }

    private void MoveTo(long minute)
    {
        // A clock that was set back goes on in the minute that it had reached.
        var passed = minute - running;
        if (passed <= 0) return;
        for (var i = minutes.Length - 1; i >= 0; i--) minutes[i] = i >= passed ? minutes[i - passed] : 0;
        running = minute;
    }
}
