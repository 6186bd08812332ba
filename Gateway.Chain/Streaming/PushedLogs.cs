namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>What a subscription brought, held against what the queries find: neither is believed alone.</summary>
/// <remarks>
/// Thread-safe. A pushed log that a query does not find shows that the queried endpoint lags; a log that a query finds and
/// that is never pushed shows that the subscription has died in silence.
/// </remarks>
internal sealed class PushedLogs(TimeProvider time)
{
    private const int MaxLogs = 8192;
    // Messages may be 256 KiB each, and while history is read nobody takes them out.
    private const long MaxBytes = 16 << 20;
    private readonly Lock gate = new();
    private readonly Dictionary<LogKey, LogEntry> unread = [];
    private readonly Dictionary<LogKey, LogEntry> read = [];
    private readonly Dictionary<LogKey, long> unheard = [];
    private readonly HashSet<BlockMark> removed = [];
    private ulong? liveFrom;
    private long bytes;
    private bool isLive;

    /// <summary>The subscription is in force; what blocks above the next head that is read bring must be pushed.</summary>
    public void Live()
    {
        lock (gate)
        {
            (isLive, liveFrom) = (true, null);
            unheard.Clear();
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
        var key = LogKey.Of(log);
        lock (gate)
        {
            if (log.Removed)
            {
                Drop(unread, key);
                Drop(read, key);
                if (removed.Count < MaxLogs) removed.Add(new BlockMark(log.BlockNumber, log.BlockHash));
                return;
            }

            var where = unheard.Remove(key) ? read : unread;
            if (unread.ContainsKey(key) || read.ContainsKey(key) || where.Count >= MaxLogs || bytes + log.Data.Length > MaxBytes) return;
            where.Add(key, log);
            bytes += log.Data.Length;
        }
    }

    /// <summary>The head was read.</summary>
    public void ObserveHead(ulong head)
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
                if (!Move(key) && !read.ContainsKey(key) && isLive && log.BlockNumber > liveFrom && unheard.Count < MaxLogs) unheard[key] = now;
            }

            return unread.Count == 0 ? [] : [.. unread.Values.Where(log => log.BlockNumber <= last)];
        }
    }

    /// <summary>Whether something was pushed of a block, and not read yet.</summary>
    public bool HasOf(Bytes32 block)
    {
        lock (gate) return unread.Count > 0 && unread.Values.Any(log => log.BlockHash == block);
    }

    /// <summary>A pushed log is among what was read.</summary>
    public void Take(LogEntry log)
    {
        lock (gate) Move(LogKey.Of(log));
    }

    /// <summary>A pushed log is of no concern any more.</summary>
    public void Forget(LogEntry log)
    {
        lock (gate) Drop(unread, LogKey.Of(log));
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

    /// <summary>Blocks are read anew from this one on: what was pushed of them must be found once more.</summary>
    public void Reopen(ulong from)
    {
        lock (gate)
        {
            unheard.Clear();
            foreach (var log in read.Values.Where(log => log.BlockNumber >= from).ToList())
            {
                read.Remove(LogKey.Of(log));
                unread[LogKey.Of(log)] = log;
            }
        }
    }

    /// <summary>Nothing below this block is read anew.</summary>
    public void Settle(ulong below)
    {
        lock (gate)
        {
            foreach (var log in read.Values.Where(log => log.BlockNumber < below).ToList()) Drop(read, LogKey.Of(log));
        }
    }

    private bool Move(LogKey key)
    {
        if (!unread.Remove(key, out var log)) return false;
        read[key] = log;
        return true;
    }

    private void Drop(Dictionary<LogKey, LogEntry> from, LogKey key)
    {
        if (from.Remove(key, out var log)) bytes -= log.Data.Length;
    }
}

/// <summary>Names a log and no other.</summary>
internal readonly record struct LogKey(Bytes32 Block, Bytes32 Transaction, ulong Index)
{
    public static LogKey Of(LogEntry log) => new(log.BlockHash, log.TransactionHash, log.LogIndex);
}
