using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>An Arbitrum chain: the sixth word of <c>ArbGasInfo.getPricesInWei()</c> is what a unit of gas costs in all.</summary>
internal sealed class ArbitrumPrice(EthereumRpc rpc) : IGasPriceSource
{
    /// <summary>Where the ArbGasInfo precompile is on every Arbitrum chain.</summary>
    internal static readonly EthereumAddress Precompile = EthereumAddress.Parse("0x000000000000000000000000000000000000006c");

    private static readonly ContractFunction GetPricesInWei = new("getPricesInWei()");
    private const int TotalPrice = 5;

    public async Task<RpcResult<GasPrice>> AskAsync(CancellationToken cancellationToken)
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
            // Prices that no chain has are passed on as the largest number, for the check of bounds to refuse.
            return new GasPrice(new Wei(price > UInt128.MaxValue ? UInt128.MaxValue : (UInt128)price), Wei.Zero);
        }
        catch (AbiException error)
        {
            return RpcError.Malformed("getPricesInWei", error.Message);
        }
    }
}
