using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Nonces;

/// <summary>Reads where the chain is with our account.</summary>
internal sealed class ChainPositions(EthereumRpc rpc, EthereumAddress address)
{
    /// <summary>Mined and pending counts; null when the chain does not answer.</summary>
    internal async ValueTask<ChainPosition?> ReadAsync(CancellationToken cancellationToken)
    {
        var genesis = await rpc.GetBlockAsync(BlockTag.At(0), cancellationToken).ConfigureAwait(false);
        if (genesis.Value is null) return null;

        // Pending first: asked the other way round, a block in between could make it the smaller one.
        var pending = await rpc.GetTransactionCountAsync(address, BlockTag.Pending, cancellationToken).ConfigureAwait(false);
        var mined = await rpc.GetTransactionCountAsync(address, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (pending.Error is not null || mined.Error is not null) return null;
        return new ChainPosition(genesis.Value.Hash, mined.Value, Math.Max(mined.Value, pending.Value));
    }

    /// <summary>The mined count alone; null when the chain does not answer.</summary>
    internal async ValueTask<ulong?> MinedAsync(CancellationToken cancellationToken)
    {
        var mined = await rpc.GetTransactionCountAsync(address, BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return mined.Error is null ? mined.Value : null;
    }
}
