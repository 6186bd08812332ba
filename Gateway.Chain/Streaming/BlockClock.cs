using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>Adds block times to logs that the endpoint sent without them.</summary>
internal sealed class BlockClock(EthereumRpc rpc)
{
    private const int AtOnce = 8;
    private readonly Dictionary<Bytes32, ulong?> _known = [];

    /// <summary>
    /// The same logs with their times. Logs of a block that the endpoint does not have stay without a time; no
    /// response, or a rate limit, is returned as the error.
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
