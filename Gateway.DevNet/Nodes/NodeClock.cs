namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>Stamps what a node takes and what it reads of the App Chain, each later than the one before. Thread-safe.</summary>
/// <remarks>
/// Clients order messages and commits by these times. A chain whose clock was moved on purpose takes the node's with it:
/// a message that follows a commit must not be older than the commit's block.
/// </remarks>
internal sealed class NodeClock(TimeProvider time)
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private readonly Lock gate = new();
    private long last;
    private long lead;

    /// <summary>The next stamp, in nanoseconds since 1970.</summary>
    public long Next()
    {
        lock (gate) return last = Math.Max(Now() + lead, last + 1);
    }

    /// <summary>The next stamp, at least the time of a block.</summary>
    /// <param name="blockSeconds">In seconds since 1970.</param>
    public long NextInBlock(ulong blockSeconds)
    {
        lock (gate)
        {
            Observe(blockSeconds);
            return Next();
        }
    }

    /// <summary>Takes notice of the time of the newest block.</summary>
    /// <param name="blockSeconds">In seconds since 1970.</param>
    public void Observe(ulong blockSeconds)
    {
        lock (gate) lead = Math.Max(0, checked((long)blockSeconds * NanosecondsPerSecond) - Now());
    }

    /// <summary>Takes notice of a stamp from before: the next ones are later.</summary>
    public void ContinueFrom(long nanoseconds)
    {
        lock (gate) last = Math.Max(last, nanoseconds);
    }

    private long Now() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;
}
