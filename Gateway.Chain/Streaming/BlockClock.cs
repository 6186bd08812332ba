using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Gives logs the times of their blocks where the endpoint did not send them along.</summary>
internal sealed class BlockClock(EthereumRpc rpc)
{
    private const int AtOnce = 8;
    private readonly Dictionary<Bytes32, ulong?> _known = [];

    /// <summary>
    /// The same logs with their times. A block that the endpoint does not know leaves them without; one that does not
    /// answer is the error.
    /// </summary>
    public async Task<RpcResult<IReadOnlyList<LogEntry>>> DateAsync(IReadOnlyList<LogEntry> logs, CancellationToken cancellationToken)
    {
        if (logs.All(log => log.BlockTimestamp is not null)) return RpcResult<IReadOnlyList<LogEntry>>.Of(logs);
        var blocks = logs.Where(log => log.BlockTimestamp is null && !_known.ContainsKey(log.BlockHash))
            .Select(log => log.BlockHash)
            .Distinct();
        foreach (var some in blocks.Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(some.Select(hash => rpc.GetBlockAsync(hash, cancellationToken))).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                if (answers[i].Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited } error) return error;
                _known[some[i]] = answers[i].Value?.KnownTimestamp;
            }
        }

        LogEntry[] dated = [.. logs.Select(log => log.BlockTimestamp is null ? log with { BlockTimestamp = _known[log.BlockHash] } : log)];
        _known.Clear();
        return RpcResult<IReadOnlyList<LogEntry>>.Of(dated);
    }
}
