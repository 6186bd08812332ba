using Nethereum.RLP;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction of type 2 (EIP-1559): it pays the block's base fee and a tip, up to a max.</summary>
/// <remarks>
/// 0x02 ‖ rlp([chainId, nonce, maxPriorityFeePerGas, maxFeePerGas, gasLimit, to, value, data, accessList, yParity, r, s]);
/// the signed hash is over the same without the last three. The access list is always empty.
/// </remarks>
public sealed record FeeMarketTransaction : UnsignedTransaction
{
    internal const byte Type = 2;

    /// <summary>The max price per unit of gas, base fee and tip together.</summary>
    public required Wei MaxFeePerGas { get; init; }

    /// <summary>The max part of it that goes to the block producer as a tip. Not above <see cref="MaxFeePerGas"/>.</summary>
    public required Wei MaxPriorityFeePerGas { get; init; }

    /// <inheritdoc/>
    public override Wei GasPriceCeiling => MaxFeePerGas;

    /// <inheritdoc/>
    public override byte[] SigningHash()
    {
        var hash = new byte[Keccak256.HashSize];
        Keccak256.Hash([Type], RLP.EncodeList(Fields()), hash);
        return hash;
    }

    private protected override byte[] Encode(ReadOnlySpan<byte> signature) =>
    [
        Type,
        .. RLP.EncodeList(
        [
            .. Fields(),
            TransactionFields.Number(signature[64]),
            TransactionFields.Number(signature[..32]),
            TransactionFields.Number(signature[32..64]),
        ]),
    ];

    private byte[][] Fields() =>
    [
        TransactionFields.Number(ChainId),
        TransactionFields.Number(Nonce),
        TransactionFields.Number(MaxPriorityFeePerGas.Amount),
        TransactionFields.Number(MaxFeePerGas.Amount),
        TransactionFields.Number(GasLimit),
        TransactionFields.Bytes(ToBytes),
        TransactionFields.Number(Value.Amount),
        TransactionFields.Bytes(Data.Span),
        TransactionFields.EmptyList,
    ];
}
