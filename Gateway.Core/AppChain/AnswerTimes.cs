namespace Xmtp.Gateway.AppChain;

/// <summary>
/// The originator times of what the App Chain ordered: this gateway's clock, at least the block's time, rising with the
/// numbers of an originator. Thread-safe.
/// </summary>
/// <remarks>
/// Clients order commits and messages by these times, and a block's time is a whole second: all commits of a second would
/// come before its messages. Answers are made in any order; one whose later number was answered already gets a time below
/// that one's. Each answer has one time, however often it is made, as long as its number is among the last ones.
/// </remarks>
internal sealed class AnswerTimes(TimeProvider time)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private const ulong NumbersPerBlock = 1_000_000;
    private const int MaxKept = 1_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<uint, SortedList<ulong, long>> _kept = [];

    /// <summary>The time of an answer, in nanoseconds since 1970.</summary>
    /// <param name="originator">0 or 1.</param>
    /// <param name="number">Its sequence id there.</param>
    /// <param name="blockSeconds">The time of its block, in seconds since 1970.</param>
    internal long Of(uint originator, ulong number, ulong blockSeconds)
    {
        lock (_gate)
        {
            if (!_kept.TryGetValue(originator, out var times)) _kept[originator] = times = [];
            if (times.TryGetValue(number, out var known)) return known;
            // Room for the others of the block, where the chain's clock is ahead.
            var block = checked((long)blockSeconds * NanosecondsPerSecond) + (long)(number % NumbersPerBlock);
            times[number] = 0;
            var place = times.IndexOfKey(number);
            // Times are as far apart as their numbers at least, so that each number between two has a time of its own.
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

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
