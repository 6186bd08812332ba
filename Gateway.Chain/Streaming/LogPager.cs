using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The logs of some blocks.</summary>
/// <param name="Last">The last block that was read.</param>
/// <param name="Logs">All logs that match the filter, in chain order.</param>
internal sealed record LogPage(ulong Last, IReadOnlyList<LogEntry> Logs);

/// <summary>Reads logs in pages as large as the endpoint allows; see <see cref="LogPageSize"/>.</summary>
internal sealed class LogPager(EthereumRpc rpc, LogFilter filter, int pageSize, FollowStatus status)
{
    private readonly LogPageSize _size = new((ulong)pageSize);

    /// <summary>Reads from <paramref name="first"/> on, at most up to <paramref name="last"/>.</summary>
    public async Task<RpcResult<LogPage>> ReadAsync(ulong first, ulong last, CancellationToken cancellationToken)
    {
        while (true)
        {
            status.PageSize = (int)_size.Blocks;
            var end = Math.Min(last, first + _size.Blocks - 1);
            var answer = await rpc.GetLogsAsync(filter.Between(first, end), cancellationToken).ConfigureAwait(false);
            if (answer.TryGet(out var logs, out var error))
            {
                _size.Grow(end - first + 1);
                return new LogPage(end, logs);
            }

            if (!_size.TryShrink(error, end - first + 1)) return error;
            status.CountRefusal();
        }
    }

    /// <summary>Reads all blocks of a range, page by page.</summary>
    public async Task<RpcResult<IReadOnlyList<LogEntry>>> ReadAllAsync(ulong first, ulong last, CancellationToken cancellationToken)
    {
        var all = new List<LogEntry>();
        for (var next = first; next <= last;)
        {
            var answer = await ReadAsync(next, last, cancellationToken).ConfigureAwait(false);
            if (!answer.TryGet(out var page, out var error)) return error;
            all.AddRange(page.Logs);
            next = page.Last + 1;
        }

        return RpcResult<IReadOnlyList<LogEntry>>.Of(all);
    }

    /// <summary>Reports that the last query was abandoned: the next one spans fewer blocks.</summary>
    public void Shrink() => _size.Shrink();
}
