using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>The timestamps of blocks. Receipts do not contain them, and many transactions share a block.</summary>
internal sealed class BlockTimes(ChainReader chain)
{
    private const int Kept = 128;

    private readonly ConcurrentDictionary<Bytes32, ulong> _known = new();
    private readonly ConcurrentQueue<Bytes32> _order = new();

    /// <summary>The time of a block in seconds since 1970; null when the chain does not answer.</summary>
    /// <param name="block">Its hash; zero when it is not known.</param>
    /// <param name="number">Its height, used for the query when the block, or its time, is not found by its hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async ValueTask<ulong?> FindAsync(Bytes32 block, ulong? number, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(block, out var time)) return time;
        var found = block == default
            ? null
            : (await chain.Rpc.GetBlockAsync(block, cancellationToken).ConfigureAwait(false)).Value;
        if (found?.KnownTimestamp is null && number is { } height)
        {
            // Some endpoints serve no blocks by hash, and a lagging one does not know the block yet.
            var byNumber = await chain.Rpc.GetBlockAsync(BlockTag.At(height), cancellationToken).ConfigureAwait(false);
            found = block == default || byNumber.Value?.Hash == block ? byNumber.Value : null;
        }

        if (found is null) return null;
        Learn(found);
        return found.KnownTimestamp;
    }

    /// <summary>Records a head that the subscription delivered.</summary>
    internal void Learn(Block block)
    {
        if (block.KnownTimestamp is not { } time || !_known.TryAdd(block.Hash, time)) return;
        _order.Enqueue(block.Hash);
        while (_known.Count > Kept && _order.TryDequeue(out var oldest)) _known.TryRemove(oldest, out _);
    }
}
