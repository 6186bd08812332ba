using System.Collections.Concurrent;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>When blocks were made. Receipts do not say, and many transactions share a block.</summary>
internal sealed class BlockTimes(EthereumRpc rpc)
{
    private const int Kept = 128;

    private readonly ConcurrentDictionary<Bytes32, ulong> known = new();
    private readonly ConcurrentQueue<Bytes32> order = new();

    /// <summary>The time of a block in seconds since 1970; null when the chain does not answer.</summary>
    internal async ValueTask<ulong?> FindAsync(Bytes32 block, CancellationToken cancellationToken)
    {
        if (known.TryGetValue(block, out var time)) return time;
        var answer = await rpc.GetBlockAsync(block, cancellationToken).ConfigureAwait(false);
        if (answer.Value is null) return null;
        Learn(answer.Value);
        return answer.Value.Timestamp;
    }

    /// <summary>A head that a subscription brought.</summary>
    internal void Learn(Block block)
    {
        if (!known.TryAdd(block.Hash, block.Timestamp)) return;
        order.Enqueue(block.Hash);
        while (known.Count > Kept && order.TryDequeue(out var oldest)) known.TryRemove(oldest, out _);
    }
}
