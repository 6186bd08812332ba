using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Reads blocks again, for logs that a lagging endpoint did not return the first time.</summary>
internal sealed class SecondReading(LogPager pager, TimeSpan interval, TimeProvider time)
{
    private const ulong Blocks = 128;
    private const int TimesAfterTheLast = 2;

    private ulong _begin;
    private ulong _seenNext;
    private int _times;
    private long _at = time.GetTimestamp();

    /// <summary>This follower read nothing below this block.</summary>
    public void Begin(ulong block) => _begin = block;

    /// <summary>Whether a second reading is due.</summary>
    /// <param name="next">The first block that was not read.</param>
    public bool IsDue(ulong next)
    {
        if (next <= _begin || time.GetElapsedTime(_at) < interval) return false;
        if (next != _seenNext)
        {
            _seenNext = next;
            _times = 0;
        }
        return _times < TimesAfterTheLast;
    }

    /// <summary>Reads the logs of the newest blocks that were read before. After an error it is due again.</summary>
    /// <param name="next">The first block that was not read.</param>
    /// <param name="settled">The first block that can still be undone.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public async Task<RpcResult<IReadOnlyList<LogEntry>>> ReadAsync(ulong next, ulong settled, CancellationToken cancellationToken)
    {
        _at = time.GetTimestamp();
        var first = Math.Max(Math.Max(_begin, settled), next > Blocks ? next - Blocks : 0);
        var answer = first < next
            ? await pager.ReadAllAsync(first, next - 1, cancellationToken).ConfigureAwait(false)
            : RpcResult<IReadOnlyList<LogEntry>>.Of([]);
        if (answer.IsOk) _times++;
        return answer;
    }

    /// <summary>Whether a lagging endpoint may have cut a page off: the end of the page has no logs.</summary>
    public static bool MayLack(ulong first, LogPage page) =>
        page.Logs.Count == 0 || page.Logs[^1].BlockNumber < page.Last - ((page.Last - first) / 8);

    /// <summary>Reads a page a second time at once, and merges both.</summary>
    public async Task<RpcResult<LogPage>> CompleteAsync(ulong first, LogPage page, CancellationToken cancellationToken)
    {
        var again = await pager.ReadAllAsync(first, page.Last, cancellationToken).ConfigureAwait(false);
        if (!again.TryGet(out var logs, out var error)) return error;
        var known = page.Logs.Select(LogKey.Of).ToHashSet();
        var more = logs.Where(log => !known.Contains(LogKey.Of(log))).ToList();
        if (more.Count == 0) return page;
        if (more.Any(log => page.Logs.Any(other => other.BlockNumber == log.BlockNumber && other.BlockHash != log.BlockHash)))
            return RpcError.Malformed("eth_getLogs", "two readings of the same blocks differ");
        return page with { Logs = [.. page.Logs.Concat(more).OrderBy(log => log.BlockNumber).ThenBy(log => log.LogIndex)] };
    }
}
