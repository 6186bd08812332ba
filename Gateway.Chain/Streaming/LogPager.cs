using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The logs of some blocks.</summary>
/// <param name="Last">The last block that was read.</param>
/// <param name="Logs">All logs that match the filter, in chain order.</param>
internal sealed record LogPage(ulong Last, IReadOnlyList<LogEntry> Logs);

/// <summary>Reads logs in pages as large as the endpoint allows.</summary>
/// <remarks>
/// A refusal or a timeout halves the page, down to one block; eight successful pages double it, up to the configured
/// size. Errors with an unknown message count as refusals as long as the page can shrink.
/// </remarks>
internal sealed class LogPager(EthereumRpc rpc, LogFilter filter, int pageSize, FollowStatus status)
{
    private const int GrowsAfter = 8;
    private readonly int _largest = pageSize;
    private int _size = pageSize;
    private int _well;

    /// <summary>Reads from <paramref name="first"/> on, at most up to <paramref name="last"/>.</summary>
    public async Task<RpcResult<LogPage>> ReadAsync(ulong first, ulong last, CancellationToken cancellationToken)
    {
        while (true)
        {
            status.PageSize = _size;
            var end = Math.Min(last, first + (ulong)_size - 1);
            var answer = await rpc.GetLogsAsync(filter.Between(first, end), cancellationToken).ConfigureAwait(false);
            if (answer.TryGet(out var logs, out var error))
            {
                Grow();
                return new LogPage(end, logs);
            }

            if (!IsRefusal(error) || end == first) return error;
            status.CountRefusal();
            _size = (int)Math.Max(1, (end - first + 1) / 2);
            _well = 0;
        }
    }

    /// <summary>Reports that the last query was abandoned: the next one spans fewer blocks.</summary>
    public void Shrink()
    {
        _size = Math.Max(1, _size / 2);
        _well = 0;
    }

    private static bool IsRefusal(RpcError error) => error.Kind switch
    {
        RpcErrorKind.RangeTooLarge => true,
        // HTTP 413, and HTTP 400, with which providers reject queries.
        RpcErrorKind.Transport => error.Code is 400 or 413,
        RpcErrorKind.Other => true,
        _ => false,
    };

    private void Grow()
    {
        if (_size >= _largest || ++_well < GrowsAfter) return;
        _size = Math.Min(_largest, _size * 2);
        _well = 0;
    }
}
