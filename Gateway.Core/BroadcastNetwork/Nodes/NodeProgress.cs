namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>A node's progress, as its answers show. Thread-safe.</summary>
/// <remarks>
/// A node numbers what it stages, and inserts it in that order before it responds. So the response to a publish that
/// began later proves that everything staged before it is visible. A response at the very end of the node's timeout
/// proves nothing: the node responds then even to what it only staged.
/// </remarks>
internal sealed class NodeProgress
{
    private ulong _last;
    private long _newestInserted = long.MinValue;
    private volatile bool _isShown;

    /// <summary>The highest sequence id in the node's answers; 0 when there is none.</summary>
    internal ulong Last => Volatile.Read(ref _last);

    /// <summary>
    /// Whether a query has shown an envelope that this node originated. A new node's queries may show none of its own for
    /// minutes, although its publishes are answered.
    /// </summary>
    internal bool IsShown => _isShown;

    /// <summary>Records that a query has shown an envelope of the node's own.</summary>
    internal void Shown() => _isShown = true;

    /// <summary>Records a sequence id of the node.</summary>
    internal void Observe(ulong sequenceId)
    {
        for (var seen = Volatile.Read(ref _last); seen < sequenceId;)
        {
            var before = Interlocked.CompareExchange(ref _last, sequenceId, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>Records that a publish that began at a timestamp was inserted.</summary>
    internal void Inserted(long began)
    {
        for (var seen = Volatile.Read(ref _newestInserted); seen < began;)
        {
            var before = Interlocked.CompareExchange(ref _newestInserted, began, seen);
            if (before == seen) return;
            seen = before;
        }
    }

    /// <summary>Whether a publish that began after a timestamp was inserted.</summary>
    internal bool IsPast(long timestamp) => Volatile.Read(ref _newestInserted) > timestamp;
}
