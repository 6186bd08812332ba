using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>One way to query the chain's current gas price.</summary>
internal interface IGasPriceSource
{
    Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken);
}

/// <summary>The current gas price, not validated.</summary>
/// <param name="Price">The price per unit of gas.</param>
/// <param name="Tip">The usual priority fee on top of it; zero on chains without one.</param>
internal readonly record struct GasPrice(Wei Price, Wei Tip);

/// <summary>
/// The gas price of a chain with a base fee: the newest block's base fee, and the endpoint's suggested tip if it has one.
/// </summary>
internal sealed class BaseFeePrice(EthereumRpc rpc) : IGasPriceSource
{
    public async Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken)
    {
        var (blockTask, tipTask) = (rpc.GetBlockAsync(BlockTag.Latest, cancellationToken), rpc.GetMaxPriorityFeeAsync(cancellationToken));
        var (block, tip) = (await blockTask.ConfigureAwait(false), await tipTask.ConfigureAwait(false));
        if (block.Error is { } error) return error;
        if (block.Value?.BaseFee is not { } baseFee)
            return RpcError.Malformed("eth_getBlockByNumber", "the newest block has no base fee any more");
        return new GasPrice(baseFee, tip.Error is null ? tip.Value : Wei.Zero);
    }
}

/// <summary>The gas price of a chain without a base fee: the price that the endpoint suggests.</summary>
internal sealed class EndpointPrice(EthereumRpc rpc) : IGasPriceSource
{
    public async Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken) =>
        (await rpc.GetGasPriceAsync(cancellationToken).ConfigureAwait(false)).Then<GasPrice>(price => new GasPrice(price, Wei.Zero));
}
