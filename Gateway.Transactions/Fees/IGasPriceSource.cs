using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>One way to ask a chain what gas costs now.</summary>
internal interface IGasPriceSource
{
    Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken);
}

/// <summary>What gas costs now, unchecked.</summary>
/// <param name="Price">What a unit costs.</param>
/// <param name="Tip">What is usual on top of it; zero where there is no such thing.</param>
internal readonly record struct GasPrice(Wei Price, Wei Tip);

/// <summary>A chain with a base fee: the newest block's, and the endpoint's idea of a tip where it has one.</summary>
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

/// <summary>A chain without a base fee: the endpoint's price.</summary>
internal sealed class EndpointPrice(EthereumRpc rpc) : IGasPriceSource
{
    public async Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken) =>
        (await rpc.GetGasPriceAsync(cancellationToken).ConfigureAwait(false)).Then<GasPrice>(price => new GasPrice(price, Wei.Zero));
}
