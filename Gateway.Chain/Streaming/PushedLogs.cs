namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>What a subscription brought, held against what the queries find: neither is believed alone.</summary>
/// <remarks>
/// Thread-safe. A pushed log that a query does not find shows that the queried endpoint lags; a log that a query finds and
/// that is never pushed shows that the subscription has died in silence.
/// </remarks>
internal sealed class PushedLogs(TimeProvider time)
{
    private const int Most = 8192;
    // Messages may be 256 KiB each, and while history is read nobody takes them out.
    private const long MostBytes = 16 << 20;
    private readonly Lock gate = new();
    private readonly Dictionary<LogKey, LogEntry> unread = [];
    private readonly Dictionary<LogKey, long> unheard = [];
    private readonly HashSet<BlockMark> removed = [];
    private ulong? liveFrom;
    private long unreadBytes;
    private bool isLive;

    /// <summary>The subscription is in force; what blocks above the next head that is read bring must be pushed.</summary>
    public void Live()
    {
        lock (gate)
        {
            (isLive, liveFrom) = (true, null);
            unheard.Clear();
            unread.Clear();
            unreadBytes = 0;
        }
    }

    public void Lost()
    {
        lock (gate)
        {
            isLive = false;
            unheard.Clear();
        }
    }

    public void Add(LogEntry log)
    {
        lock (gate)
        {
            if (log.Removed)
            {
                Drop(LogKey.Of(log));
                if (removed.Count < Most) removed.Add(new BlockMark(log.BlockNumber, log.BlockHash));
            }
            else if (!unheard.Remove(LogKey.Of(log)) && unread.Count < Most && unreadBytes + log.Data.Length <= MostBytes && unread.TryAdd(LogKey.Of(log), log))
            {
                unreadBytes += log.Data.Length;
            }
        }
    }

    /// <summary>The head was read.</summary>
    public void See(ulong head)
    {
        lock (gate) liveFrom ??= head;
    }

    /// <summary>These blocks were read: returns what was pushed of them, or of blocks before, and is not among the logs.</summary>
    public IReadOnlyList<LogEntry> Missing(IReadOnlyList<LogEntry> found, ulong last)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            foreach (var log in found)
            {
                var key = LogKey.Of(log);
                if (!Drop(key) && isLive && log.BlockNumber > liveFrom && unheard.Count < Most) unheard[key] = now;
            }

            return unread.Count == 0 ? [] : [.. unread.Values.Where(log => log.BlockNumber <= last)];
        }
    }

    /// <summary>A pushed log that is settled, one way or the other.</summary>
    public void Forget(LogEntry log)
    {
        lock (gate) Drop(LogKey.Of(log));
    }

    /// <summary>The highest block of which something was pushed that was not read.</summary>
    public ulong? Highest()
    {
        lock (gate) return unread.Count == 0 ? null : unread.Values.Max(log => log.BlockNumber);
    }

    /// <summary>The blocks that were said to be taken back since the last time.</summary>
    public IReadOnlyList<BlockMark> TakeRemoved()
    {
        lock (gate)
        {
            if (removed.Count == 0) return [];
            BlockMark[] taken = [.. removed];
            removed.Clear();
            return taken;
        }
    }

    /// <summary>Whether the chain has had something for so long that the subscription did not bring.</summary>
    public bool IsSilent(TimeSpan after)
    {
        lock (gate) return isLive && unheard.Values.Any(since => time.GetElapsedTime(since) >= after);
    }

    /// <summary>Blocks were taken back: what was found in them need not be pushed.</summary>
    public void Reset()
    {
        lock (gate) unheard.Clear();
    }

    private bool Drop(LogKey key)
    {
        if (!unread.Remove(key, out var log)) return false;
        unreadBytes -= log.Data.Length;
        return true;
    }
}

/// <summary>Names a log and no other.</summary>
internal readonly record struct LogKey(Bytes32 Block, Bytes32 Transaction, ulong Index)
{
    public static LogKey Of(LogEntry log) => new(log.BlockHash, log.TransactionHash, log.LogIndex);
}
