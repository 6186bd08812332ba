using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>
/// Reads the logs of the newest blocks, each by its hash: an endpoint that lags returns an empty result for a range,
/// but an error for a hash that it does not have.
/// </summary>
/// <remarks>
/// The bloom in a block's head is checked against the query. Once a bloom has matched logs that were found, a block
/// whose bloom excludes the filter is not queried. An empty result for a block whose bloom matches with few bits set is
/// rejected for 30 s. If an endpoint refuses queries by hash, or ignores the hash, the blocks are read as a range and
/// checked against their blooms.
/// </remarks>
internal sealed class BlockReader(EthereumRpc rpc, LogFilter filter, LogPager pager, Func<Bytes32, bool> isTold, TimeProvider time)
{
    /// <summary>How many of the newest blocks, the head included, are read in this way at most.</summary>
    public const int MaxBlocks = 16;

    private const int AtOnce = 8;
    private const int MaxRefusals = 5;
    private const double CertainBelow = 0.001;
    private static readonly TimeSpan DoubtFor = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RefusedFor = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<Bytes32, IReadOnlyList<LogEntry>> _accepted = [];
    private readonly Dictionary<Bytes32, long> _doubted = [];
    private bool? _bloomsHold;
    private int _refusals;
    private int _ignored;
    private long _refusedAt;

    /// <summary>Reads the blocks from a height to the head.</summary>
    public async Task<RpcResult<LogPage>> ReadAsync(ulong first, Block head, CancellationToken cancellationToken)
    {
        var found = await ReadHeadsAsync(first, head, cancellationToken).ConfigureAwait(false);
        if (!found.TryGet(out var blocks, out var error)) return error;
        return IsRefused
            ? await ReadRangeAsync(first, blocks, cancellationToken).ConfigureAwait(false)
            : await ReadByHashAsync(blocks, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reports a block with logs: if its bloom excludes them, blooms are ignored from now on.</summary>
    public void Distrust(Block block)
    {
        if (block.Bloom?.MayContain(filter) == false) _bloomsHold = false;
    }

    private bool IsRefused => (_refusals >= MaxRefusals || _ignored >= MaxRefusals) && time.GetElapsedTime(_refusedAt) < RefusedFor;

    // Each block must be the parent of the next: they are of one chain.
    private async Task<RpcResult<Block[]>> ReadHeadsAsync(ulong first, Block head, CancellationToken cancellationToken)
    {
        var blocks = new Block[head.Number - first + 1];
        blocks[^1] = head;
        foreach (var some in Enumerable.Range(0, blocks.Length - 1).Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(
                some.Select(i => rpc.GetBlockAsync(BlockTag.At(first + (ulong)i), cancellationToken))).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                if (!answers[i].TryGet(out var block, out var error)) return error;
                if (block is null) return Lags("eth_getBlockByNumber", "a block below the newest one is not available");
                blocks[some[i]] = block;
            }
        }

        for (var i = 1; i < blocks.Length; i++)
            if (blocks[i].ParentHash != blocks[i - 1].Hash)
                return Lags("eth_getBlockByNumber", "the newest blocks do not follow each other");
        return blocks;
    }

    // Returns the logs up to the first block that could not be read. Blocks read after it are cached for the next call.
    private async Task<RpcResult<LogPage>> ReadByHashAsync(Block[] blocks, CancellationToken cancellationToken)
    {
        RpcError? error = null;
        if (_accepted.Count > 2 * MaxBlocks) _accepted.Clear();
        foreach (var some in blocks.Where(block => !_accepted.ContainsKey(block.Hash)).Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(some.Select(block => ReadBlockAsync(block, cancellationToken))).ConfigureAwait(false);
            for (var i = 0; i < some.Length; i++)
            {
                if (answers[i].TryGet(out var found, out var failed)) _accepted[some[i].Hash] = found;
                else error ??= failed;
            }

            if (error is not null) break;
        }

        var known = blocks.TakeWhile(block => _accepted.ContainsKey(block.Hash)).ToList();
        if (known.Count == 0) return error!;
        LogEntry[] logs = [.. known.SelectMany(block => _accepted[block.Hash])];
        if (known.Count == blocks.Length) _accepted.Clear();
        else known.ForEach(block => _accepted.Remove(block.Hash));
        return new LogPage(known[^1].Number, logs);
    }

    private async Task<RpcResult<IReadOnlyList<LogEntry>>> ReadBlockAsync(Block block, CancellationToken cancellationToken)
    {
        if (_bloomsHold == true && block.Bloom?.MayContain(filter) == false) return RpcResult<IReadOnlyList<LogEntry>>.Of([]);
        var answer = await rpc.GetLogsAsync(filter.In(block.Hash), cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var found, out var error))
        {
            if (IsRefusal(error)) Count(ref _refusals);
            return error;
        }

        if (found.Any(log => log.BlockHash != block.Hash))
        {
            // Also an endpoint that lags has no logs of another block for this hash. Its answers for a block without
            // logs, and for the newest one, look right: they do not reset this count.
            Count(ref _ignored);
            return RpcError.Malformed("eth_getLogs", "the logs are of another block: the endpoint ignores the block hash of the query");
        }

        lock (_gate) _refusals = 0;
        return IsPlausible(block, found)
            ? RpcResult<IReadOnlyList<LogEntry>>.Of([.. found.OrderBy(log => log.LogIndex)])
            : Lags("eth_getLogs", "a block's head says that it has logs, and the query finds none");
    }

    private async Task<RpcResult<LogPage>> ReadRangeAsync(ulong first, Block[] blocks, CancellationToken cancellationToken)
    {
        var answer = await pager.ReadAsync(first, blocks[^1].Number, cancellationToken).ConfigureAwait(false);
        if (!answer.TryGet(out var page, out var error)) return error;
        var byBlock = page.Logs.ToLookup(log => log.BlockNumber);
        foreach (var block in blocks.Where(block => block.Number <= page.Last))
            if (!IsPlausible(block, byBlock[block.Number]))
                return Lags("eth_getLogs", "a block's head says that it has logs, and the query finds none");
        return page;
    }

    // A log that a subscription delivered for this block is added later to the result of the query.
    private bool IsPlausible(Block block, IEnumerable<LogEntry> found)
    {
        if (block.Bloom is not { } bloom || isTold(block.Hash)) return true;
        lock (_gate)
        {
            if (found.Any())
            {
                _bloomsHold = bloom.MayContain(filter) && _bloomsHold != false;
                _doubted.Remove(block.Hash);
                return true;
            }

            if (_bloomsHold == false || !bloom.MayContain(filter) || bloom.FalsePositiveRate(filter) > CertainBelow) return true;
            if (_doubted.TryGetValue(block.Hash, out var since)) return time.GetElapsedTime(since) >= DoubtFor;
            if (_doubted.Count > 2 * MaxBlocks) _doubted.Clear();
            _doubted[block.Hash] = time.GetTimestamp();
            return false;
        }
    }

    // An endpoint that does not have the block yet has not refused the query as such, nor has one that does not answer.
    private static bool IsRefusal(RpcError error) => error.Kind switch
    {
        // A negative code is an error of JSON-RPC, under whatever HTTP status.
        RpcErrorKind.Transport => error.Code is < 0 or 400 or 405 or 413 or 422 or 501,
        RpcErrorKind.RateLimited or RpcErrorKind.Malformed => false,
        _ => !error.Message.Contains("not found", StringComparison.OrdinalIgnoreCase)
            && !error.Message.Contains("unknown block", StringComparison.OrdinalIgnoreCase),
    };

    private void Count(ref int refusals)
    {
        lock (_gate)
        {
            refusals++;
            _refusedAt = time.GetTimestamp();
        }
    }

    private static RpcError Lags(string method, string words) => RpcError.Malformed(method, $"{words}: the endpoint lags behind");
}
