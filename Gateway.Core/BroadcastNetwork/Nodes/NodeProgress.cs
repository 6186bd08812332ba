namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>How far a node has come, as its answers tell. Thread-safe.</summary>
/// <remarks>
/// A node numbers what it stages, and inserts it in that order before it answers. So a publish that was begun later and is
/// answered proves that everything staged before it can be seen. An answer at the very end of the time that the node was
/// given proves nothing: it gives those for what it only staged.
/// </remarks>
internal sealed class NodeProgress
{
    private ulong _last;
    private long _newestInserted = long.MinValue;

    /// <summary>The highest sequence id that the node answered; 0 when there is none.</summary>
    internal ulong Last => Volatile.Read(ref _last);

    /// <summary>A sequence id of the node was seen.</summary>
    internal void Observe(ulong sequenceId)
    {
        for (var seen = Volatile.Read(ref _last); seen < sequenceId;)
        {
            var before = Interlocked.CompareExchange(ref _last, sequenceId, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>A publish that was begun at a timestamp was inserted.</summary>
    internal void Inserted(long began)
    {
        for (var seen = Volatile.Read(ref _newestInserted); seen < began;)
        {
            var before = Interlocked.CompareExchange(ref _newestInserted, began, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>Whether a publish that was begun after a timestamp was inserted.</summary>
    internal bool IsPast(long timestamp) => Volatile.Read(ref _newestInserted) > timestamp;
}
