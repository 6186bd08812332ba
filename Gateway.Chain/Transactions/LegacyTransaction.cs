using Nethereum.RLP;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction with a single gas price, bound to its chain by EIP-155: for chains without a base fee.</summary>
/// <remarks>
/// rlp([nonce, gasPrice, gasLimit, to, value, data, chainId × 2 + 35 + yParity, r, s]); the signed hash is over
/// chainId, 0, 0 in place of the last three.
/// </remarks>
public sealed record LegacyTransaction : UnsignedTransaction
{
    internal const int ReplayOffset = 35;

    /// <summary>The price per unit of gas.</summary>
    public required Wei GasPrice { get; init; }

    /// <inheritdoc/>
    public override Wei GasPriceCeiling => GasPrice;

    /// <inheritdoc/>
    public override byte[] SigningHash() =>
        Keccak256.Hash(
            RLP.EncodeList([.. Fields(), TransactionFields.Number(ChainId), TransactionFields.Number(0), TransactionFields.Number(0)]));

    private protected override byte[] Encode(ReadOnlySpan<byte> signature) => RLP.EncodeList(
    [
        .. Fields(),
        TransactionFields.Number(((UInt128)ChainId * 2) + ReplayOffset + signature[64]),
        TransactionFields.Number(signature[..32]),
        TransactionFields.Number(signature[32..64]),
    ]);

    private byte[][] Fields() =>
    [
        TransactionFields.Number(Nonce),
        TransactionFields.Number(GasPrice.Amount),
        TransactionFields.Number(GasLimit),
        TransactionFields.Bytes(ToBytes),
        TransactionFields.Number(Value.Amount),
        TransactionFields.Bytes(Data.Span),
    ];
}
