using System.Collections.Concurrent;
using System.Numerics;

namespace Xmtp.Gateway.Publishing;

/// <summary>Counts the publishes to one node since the start, and how long those of the last minutes took.</summary>
/// <remarks>Thread-safe, without a lock: a publish costs a few increments.</remarks>
internal sealed class NodeTally
{
    private const int StepsPerDoubling = 8;
    private const int Steps = 27 * StepsPerDoubling;

    private readonly ConcurrentDictionary<string, long> _failures = new(StringComparer.Ordinal);
    private long[] _recent = new long[Steps];
    private long[] _before = new long[Steps];
    private long _publishes;
    private long _envelopes;

    /// <summary>Calls that the node answered with envelopes.</summary>
    internal long Publishes => Interlocked.Read(ref _publishes);

    /// <summary>The envelopes in these answers.</summary>
    internal long Envelopes => Interlocked.Read(ref _envelopes);

    /// <summary>Attempts that failed or were refused, by what was wrong.</summary>
    internal IReadOnlyDictionary<string, long> Failures => _failures;

    /// <summary>How many publishes of the last two periods took how long, by step; see <see cref="Duration"/>.</summary>
    internal IEnumerable<(int Step, long Count)> Durations
    {
        get
        {
            var (recent, before) = (Volatile.Read(ref _recent), Volatile.Read(ref _before));
            return Enumerable.Range(0, Steps).Select(step => (step, recent[step] + before[step])).Where(step => step.Item2 > 0);
        }
    }

    /// <summary>The longest duration of a step, within an eighth.</summary>
    internal static TimeSpan Duration(int step)
    {
        var (doubling, part) = (step / StepsPerDoubling, step % StepsPerDoubling);
        return TimeSpan.FromMicroseconds(Math.ScaleB(1 + ((part + 1) / (double)StepsPerDoubling), doubling));
    }

    internal void Published(int envelopes, TimeSpan took)
    {
        Interlocked.Increment(ref _publishes);
        Interlocked.Add(ref _envelopes, envelopes);
        Interlocked.Increment(ref Volatile.Read(ref _recent)[StepOf(took)]);
    }

    internal void Failed(string what) => _failures.AddOrUpdate(what, 1, (_, times) => times + 1);

    /// <summary>Begins a period: durations of the period before the last are forgotten.</summary>
    internal void Rotate()
    {
        Volatile.Write(ref _before, _recent);
        Volatile.Write(ref _recent, new long[Steps]);
    }

    private static int StepOf(TimeSpan took)
    {
        var microseconds = (ulong)Math.Clamp(took.Ticks / TimeSpan.TicksPerMicrosecond, 1, 1L << 40);
        var doubling = BitOperations.Log2(microseconds);
        var part = doubling >= 3 ? (int)(microseconds >> (doubling - 3)) & 7 : (int)(microseconds << (3 - doubling)) & 7;
        return Math.Min(Steps - 1, (doubling * StepsPerDoubling) + part);
    }
}
