using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>One way to query the chain's current gas price.</summary>
internal interface IGasPriceSource
{
    /// <summary>Queries the price.</summary>
    /// <param name="isWhole">Whether also what was learned or queried shortly before is queried.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<RpcResult<GasPrice>> AskAsync(bool isWhole, CancellationToken cancellationToken);

    /// <summary>The price by a new head; null when it does not tell, or a part of the price has to be queried.</summary>
    GasPrice? Learn(Block head) => null;
}

/// <summary>The current gas price, not validated.</summary>
/// <param name="Price">The price per unit of gas.</param>
/// <param name="Tip">The usual priority fee on top of it; zero on chains without one.</param>
internal readonly record struct GasPrice(Wei Price, Wei Tip);

/// <summary>The gas price of a chain without a base fee: the price that the endpoint suggests.</summary>
internal sealed class EndpointPrice(EthereumRpc rpc) : IGasPriceSource
{
    public async Task<RpcResult<GasPrice>> AskAsync(bool isWhole, CancellationToken cancellationToken) =>
        (await rpc.GetGasPriceAsync(cancellationToken).ConfigureAwait(false)).Then<GasPrice>(price => new GasPrice(price, Wei.Zero));
}
