namespace Xmtp.Gateway.AppChain;

/// <summary>
/// The originator times of envelopes that the App Chain ordered: this gateway's clock, but at least the block's time,
/// and increasing with the sequence ids of an originator. Thread-safe.
/// </summary>
/// <remarks>
/// Clients order commits and messages by these times, and a block's time is in whole seconds: with it, all commits of a
/// second would sort before its messages. Answers are made in any order; one with a lower sequence id than an earlier
/// answer gets a lower time than that answer. An answer made repeatedly gets the same time, as long as its sequence id
/// is among the last ones kept.
/// </remarks>
internal sealed class AnswerTimes(TimeProvider time)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const ulong NumbersPerBlock = 1_000_000;
    private const int MaxKept = 1_000;
    private static readonly TimeSpan MaxAhead = TimeSpan.FromDays(1);
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, SortedList<ulong, long>> _kept = [];

    /// <summary>The time of an answer, in nanoseconds since 1970.</summary>
    /// <param name="originator">0 or 1.</param>
    /// <param name="number">Its sequence id there.</param>
    /// <param name="blockSeconds">The time of its block, in seconds since 1970, before the year 2262; 0 when it is not known.</param>
    internal long Of(uint originator, ulong number, ulong blockSeconds)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(originator, out var times)) _kept[originator] = times = [];
            if (times.TryGetValue(number, out var known)) return known;
            // The offset leaves room for the block's other envelopes when the chain's clock is ahead.
            var block = checked((long)blockSeconds * NanosecondsPerSecond) + (long)(number % NumbersPerBlock);
            times[number] = 0;
            var place = times.IndexOfKey(number);
            // Times differ by at least the difference of their sequence ids, so that each id in between has a distinct time.
            var nanoseconds = Math.Max(
                Math.Max(Now(), block), place > 0 ? times.GetValueAtIndex(place - 1) + (long)(number - times.GetKeyAtIndex(place - 1)) : 0);
            if (place + 1 < times.Count)
            {
                nanoseconds = Math.Max(
                    block, Math.Min(nanoseconds, times.GetValueAtIndex(place + 1) - (long)(times.GetKeyAtIndex(place + 1) - number)));
            }
            times[number] = nanoseconds;
            if (times.Count > MaxKept) times.RemoveAt(0);
            return nanoseconds;
        }
    }

    /// <summary>
    /// A block's time as a log told it, in seconds since 1970; null when it is more than a day ahead of this gateway's clock:
    /// the block itself may say otherwise.
    /// </summary>
    internal ulong? Plausible(ulong? hint) =>
        hint is { } seconds && seconds <= (ulong)(time.GetUtcNow() + MaxAhead).ToUnixTimeSeconds() ? seconds : null;

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
