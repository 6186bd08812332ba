namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Compares what a subscription delivers with what the queries find: neither is trusted alone.</summary>
/// <remarks>
/// Thread-safe. A pushed log that a query does not find shows that the queried endpoint lags; a log that a query finds
/// and that is never pushed shows that the subscription stopped without an error.
/// </remarks>
internal sealed class PushedLogs(TimeProvider time)
{
    private const int MaxLogs = 8192;
    // Messages may be 256 KiB each, and nothing removes them while history is read.
    private const long MaxBytes = 16 << 20;
    private readonly Lock _gate = new();
    private readonly Dictionary<LogKey, LogEntry> _unread = [];
    private readonly Dictionary<LogKey, LogEntry> _read = [];
    private readonly Dictionary<LogKey, long> _unheard = [];
    private readonly HashSet<BlockMark> _removed = [];
    private ulong? _liveFrom;
    private long _bytes;
    private bool _isLive;

    /// <summary>The subscription is active: logs in blocks above the next head that is read must be pushed.</summary>
    public void Live()
    {
        lock (_gate)
        {
            _isLive = true;
            _liveFrom = null;
            _unheard.Clear();
        }
    }

    public void Lost()
    {
        lock (_gate)
        {
            _isLive = false;
            _unheard.Clear();
        }
    }

    public void Add(LogEntry log)
    {
        var key = LogKey.Of(log);
        lock (_gate)
        {
            if (log.Removed)
            {
                Drop(_unread, key);
                Drop(_read, key);
                if (_removed.Count < MaxLogs) _removed.Add(new BlockMark(log.BlockNumber, log.BlockHash));
                return;
            }

            var where = _unheard.Remove(key) ? _read : _unread;
            if (_unread.ContainsKey(key) || _read.ContainsKey(key) || where.Count >= MaxLogs || _bytes + log.Data.Length > MaxBytes) return;
            where.Add(key, log);
            _bytes += log.Data.Length;
        }
    }

    /// <summary>Reports a head that was read.</summary>
    public void ObserveHead(ulong head)
    {
        lock (_gate) _liveFrom ??= head;
    }

    /// <summary>
    /// Reports logs that were read up to a block. Returns the pushed logs up to that block that no query found.
    /// </summary>
    public IReadOnlyList<LogEntry> Missing(IReadOnlyList<LogEntry> found, ulong last)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            foreach (var log in found)
            {
                var key = LogKey.Of(log);
                if (!Move(key) && !_read.ContainsKey(key) && _isLive && log.BlockNumber > _liveFrom && _unheard.Count < MaxLogs)
                    _unheard[key] = now;
            }

            return _unread.Count == 0 ? [] : [.. _unread.Values.Where(log => log.BlockNumber <= last)];
        }
    }

    /// <summary>Whether a log of this block was pushed and is not read yet.</summary>
    public bool HasOf(Bytes32 block)
    {
        lock (_gate) return _unread.Count > 0 && _unread.Values.Any(log => log.BlockHash == block);
    }

    /// <summary>Marks a pushed log as read.</summary>
    public void Take(LogEntry log)
    {
        lock (_gate) Move(LogKey.Of(log));
    }

    /// <summary>Drops a pushed log.</summary>
    public void Forget(LogEntry log)
    {
        lock (_gate) Drop(_unread, LogKey.Of(log));
    }

    /// <summary>The highest block with a pushed log that is not read yet.</summary>
    public ulong? Highest()
    {
        lock (_gate) return _unread.Count == 0 ? null : _unread.Values.Max(log => log.BlockNumber);
    }

    /// <summary>The blocks reported as removed since the last call.</summary>
    public IReadOnlyList<BlockMark> TakeRemoved()
    {
        lock (_gate)
        {
            if (_removed.Count == 0) return [];
            BlockMark[] taken = [.. _removed];
            _removed.Clear();
            return taken;
        }
    }

    /// <summary>Whether a log was read this long ago and the subscription has not pushed it since.</summary>
    public bool IsSilent(TimeSpan after)
    {
        lock (_gate) return _isLive && _unheard.Values.Any(since => time.GetElapsedTime(since) >= after);
    }

    /// <summary>Blocks are read again from this one on: logs pushed for them must be found again.</summary>
    public void Reopen(ulong from)
    {
        lock (_gate)
        {
            _unheard.Clear();
            foreach (var log in _read.Values.Where(log => log.BlockNumber >= from).ToList())
            {
                _read.Remove(LogKey.Of(log));
                _unread[LogKey.Of(log)] = log;
            }
        }
    }

    /// <summary>No block below this one is read again.</summary>
    public void Settle(ulong below)
    {
        lock (_gate)
        {
            foreach (var log in _read.Values.Where(log => log.BlockNumber < below).ToList()) Drop(_read, LogKey.Of(log));
        }
    }

    private bool Move(LogKey key)
    {
        if (!_unread.Remove(key, out var log)) return false;
        _read[key] = log;
        return true;
    }

    private void Drop(Dictionary<LogKey, LogEntry> from, LogKey key)
    {
        if (from.Remove(key, out var log)) _bytes -= log.Data.Length;
    }
}

/// <summary>Identifies a log.</summary>
internal readonly record struct LogKey(Bytes32 Block, Bytes32 Transaction, ulong Index)
{
    public static LogKey Of(LogEntry log) => new(log.BlockHash, log.TransactionHash, log.LogIndex);
}
