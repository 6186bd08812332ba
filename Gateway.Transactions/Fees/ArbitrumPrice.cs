using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>
/// The gas price of an Arbitrum chain: the sixth word of <c>ArbGasInfo.getPricesInWei()</c>, the total price per unit of gas.
/// </summary>
internal sealed class ArbitrumPrice(EthereumRpc rpc) : IGasPriceSource
{
    /// <summary>The address of the ArbGasInfo precompile on every Arbitrum chain.</summary>
    internal static readonly EthereumAddress Precompile = EthereumAddress.Parse("0x000000000000000000000000000000000000006c");

    private static readonly ContractFunction GetPricesInWei = new("getPricesInWei()");
    private const int TotalPrice = 5;

    public async Task<RpcResult<GasPrice>> AskAsync(bool isWhole, CancellationToken cancellationToken)
    {
        var answer = await rpc.CallAsync(
            new CallRequest(Precompile, GetPricesInWei.Encode()), BlockTag.Latest, cancellationToken).ConfigureAwait(false);
        return answer.Then(Read);
    }

    private static RpcResult<GasPrice> Read(ReadOnlyMemory<byte> words)
    {
        try
        {
            var reader = new AbiReader(words);
            for (var i = 0; i < TotalPrice; i++) reader.UInt(256);
            var price = reader.UInt(256);
            // An impossibly high price is passed on as the largest number, so that the bounds check refuses it.
            return new GasPrice(new Wei(price > UInt128.MaxValue ? UInt128.MaxValue : (UInt128)price), Wei.Zero);
        }
        catch (AbiException exception)
        {
            return RpcError.Malformed("getPricesInWei", exception.Message);
        }
    }
}
