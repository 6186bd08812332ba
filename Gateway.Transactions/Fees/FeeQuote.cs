using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions.Fees;

/// <summary>The price offered per unit of gas.</summary>
/// <param name="MaxFee">The max price per unit of gas; the gas price of a legacy transaction.</param>
/// <param name="Tip">The priority fee, paid to the block's producer; the gas price of a legacy transaction.</param>
/// <param name="IsFeeMarket">Whether the chain has a base fee, and so accepts transactions of type 2.</param>
internal sealed record FeeQuote(Wei MaxFee, Wei Tip, bool IsFeeMarket)
{
    /// <summary>The price that a signed transaction offers.</summary>
    public static FeeQuote Of(UnsignedTransaction transaction) => transaction switch
    {
        FeeMarketTransaction market => new(market.MaxFeePerGas, market.MaxPriorityFeePerGas, true),
        LegacyTransaction legacy => new(legacy.GasPrice, legacy.GasPrice, false),
        _ => throw new ArgumentException("this kind of transaction is not supported", nameof(transaction)),
    };

    /// <summary>Builds a transaction at this price.</summary>
    public UnsignedTransaction Write(ulong chainId, ulong nonce, EthereumAddress to, ReadOnlyMemory<byte> data, ulong gasLimit) =>
        IsFeeMarket
            ? new FeeMarketTransaction
            {
                ChainId = chainId,
                Nonce = nonce,
                To = to,
                Data = data,
                GasLimit = gasLimit,
                MaxFeePerGas = MaxFee,
                MaxPriorityFeePerGas = Tip,
            }
            : new LegacyTransaction { ChainId = chainId, Nonce = nonce, To = to, Data = data, GasLimit = gasLimit, GasPrice = MaxFee };

    /// <summary>
    /// A quote that replaces <paramref name="previous"/>: this one, or 12.5% above the previous one if that is higher,
    /// which every mempool accepts as a replacement.
    /// </summary>
    /// <returns>Null when that is above <paramref name="ceiling"/>.</returns>
    public FeeQuote? Replacing(FeeQuote previous, Wei ceiling)
    {
        var fee = Max(MaxFee, AnEighthMore(previous.MaxFee));
        var tip = Max(Tip, AnEighthMore(previous.Tip));
        return fee > ceiling ? null : new FeeQuote(fee, IsFeeMarket ? Min(tip, fee) : fee, IsFeeMarket);
    }

    private static Wei AnEighthMore(Wei price) => price + new Wei((price.Amount / 8) + 1);

    private static Wei Max(Wei left, Wei right) => left > right ? left : right;

    private static Wei Min(Wei left, Wei right) => left < right ? left : right;
}
