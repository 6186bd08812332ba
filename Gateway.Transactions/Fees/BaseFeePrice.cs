using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>
/// The gas price of a chain with a base fee: the newest block's base fee, and the endpoint's suggested tip if it has one.
/// </summary>
/// <remarks>
/// Heads that a subscription delivers tell the base fee, and the tip changes slowly: each is only queried when it is older than
/// a price may be.
/// </remarks>
internal sealed class BaseFeePrice(EthereumRpc rpc, AppChainTransactionOptions options, TimeProvider time) : IGasPriceSource
{
    private volatile Seen? _baseFee;
    private volatile Seen? _tip;

    public async Task<RpcResult<GasPrice>> AskAsync(bool isWhole, CancellationToken cancellationToken)
    {
        var feeTask = !isWhole && Fresh(_baseFee, options.PriceRefresh) is { } fee
            ? Task.FromResult<RpcResult<Wei>>(fee)
            : AskBaseFeeAsync(cancellationToken);
        var tipTask = !isWhole && Fresh(_tip, options.PriceFreshFor) is { } tip
            ? Task.FromResult(tip)
            : AskTipAsync(cancellationToken);
        var (baseFee, suggested) = (await feeTask.ConfigureAwait(false), await tipTask.ConfigureAwait(false));
        return baseFee.Then<GasPrice>(found => new GasPrice(found, suggested));
    }

    public GasPrice? Learn(Block head)
    {
        if (head.BaseFee is not { } baseFee) return null;
        _baseFee = new Seen(baseFee, time.GetTimestamp());
        return Fresh(_tip, options.PriceFreshFor) is { } tip ? new GasPrice(baseFee, tip) : null;
    }

    private async Task<RpcResult<Wei>> AskBaseFeeAsync(CancellationToken cancellationToken)
    {
        var block = await rpc.GetBlockAsync(BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        if (block.Error is { } error) return error;
        if (block.Value?.BaseFee is not { } baseFee)
            return RpcError.Malformed("eth_getBlockByNumber", "the newest block has no base fee any more");
        _baseFee = new Seen(baseFee, time.GetTimestamp());
        return baseFee;
    }

    private async Task<Wei> AskTipAsync(CancellationToken cancellationToken)
    {
        var tip = await rpc.GetMaxPriorityFeeAsync(cancellationToken).ConfigureAwait(false);
        var found = tip.Error is null ? tip.Value : Wei.Zero;
        _tip = new Seen(found, time.GetTimestamp());
        return found;
    }

    private Wei? Fresh(Seen? seen, TimeSpan age) => seen is not null && time.GetElapsedTime(seen.At) <= age ? seen.Price : null;

    private sealed record Seen(Wei Price, long At);
}
