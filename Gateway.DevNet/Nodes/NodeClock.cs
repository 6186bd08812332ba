namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>Timestamps accepted envelopes and App Chain envelopes, each later than the one before. Thread-safe.</summary>
/// <remarks>
/// Clients order messages and commits by these times. If a chain's clock was moved deliberately, the node's clock
/// follows: a message after a commit must not be older than the commit's block.
/// </remarks>
internal sealed class NodeClock(TimeProvider time)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly Lock _gate = new();
    private long _last;
    private long _lead;

    /// <summary>The next timestamp, in nanoseconds since 1970.</summary>
    public long Next()
    {
        lock (_gate) return _last = Math.Max(Now() + _lead, _last + 1);
    }

    /// <summary>The next timestamp, at least the time of a block.</summary>
    /// <param name="blockSeconds">The block's time, in seconds since 1970.</param>
    public long NextInBlock(ulong blockSeconds)
    {
        lock (_gate)
        {
            Observe(blockSeconds);
            return Next();
        }
    }

    /// <summary>Records the time of the newest block.</summary>
    /// <param name="blockSeconds">The block's time, in seconds since 1970.</param>
    public void Observe(ulong blockSeconds)
    {
        lock (_gate) _lead = Math.Max(0, checked((long)blockSeconds * NanosecondsPerSecond) - Now());
    }

    /// <summary>Records an earlier timestamp: the next ones are later.</summary>
    public void ContinueFrom(long nanoseconds)
    {
        lock (_gate) _last = Math.Max(_last, nanoseconds);
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
