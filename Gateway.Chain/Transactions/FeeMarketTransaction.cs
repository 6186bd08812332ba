using Xmtp.Gateway.Chain.Rlp;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction of type 2 (EIP-1559): it pays the block's base fee and a tip, up to a ceiling.</summary>
/// <remarks>
/// 0x02 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data, accessList, yParity, r, s]);
/// what is signed is the same without the last three. The access list is always empty.
/// </remarks>
public sealed record FeeMarketTransaction : UnsignedTransaction
{
    internal const byte Type = 2;

    /// <summary>The most that a unit of gas may cost, base fee and tip together.</summary>
    public required Wei MaxFeePerGas { get; init; }

    /// <summary>The most of it that goes to the block's maker as a tip. Not above <see cref="MaxFeePerGas"/>.</summary>
    public required Wei MaxPriorityFeePerGas { get; init; }

    /// <inheritdoc/>
    public override Wei GasPriceCeiling => MaxFeePerGas;

    /// <inheritdoc/>
    public override byte[] SigningHash() => Keccak256.Hash(Items().ToArray([Type]));

    private protected override byte[] Encode(ReadOnlySpan<byte> signature) =>
        Items().Number(signature[64]).Number(signature[..32]).Number(signature[32..64]).ToArray([Type]);

    private RlpWriter Items() => new RlpWriter()
        .Number(ChainId)
        .Number(Nonce)
        .Number(MaxPriorityFeePerGas.Amount)
        .Number(MaxFeePerGas.Amount)
        .Number(GasLimit)
        .Bytes(ToBytes)
        .Number(Value.Amount)
        .Bytes(Data.Span)
        .EmptyList();
}
