using Xmtp.Gateway.Chain.Rlp;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction with one price of gas, tied to its chain by EIP-155: for chains without a base fee.</summary>
/// <remarks>
/// rlp([nonce, gasPrice, gasLimit, to, value, data, chainId × 2 + 35 + yParity, r, s]); what is signed has
/// chainId, 0, 0 in place of the last three.
/// </remarks>
public sealed record LegacyTransaction : UnsignedTransaction
{
    internal const int ReplayOffset = 35;

    /// <summary>What a unit of gas costs.</summary>
    public required Wei GasPrice { get; init; }

    /// <inheritdoc/>
    public override Wei GasPriceCeiling => GasPrice;

    /// <inheritdoc/>
    public override byte[] SigningHash() => Keccak256.Hash(Items().Number(ChainId).Number(0).Number(0).ToArray());

    private protected override byte[] Encode(ReadOnlySpan<byte> signature) =>
        Items().Number(((UInt128)ChainId * 2) + ReplayOffset + signature[64]).Number(signature[..32]).Number(signature[32..64]).ToArray();

    private RlpWriter Items() => new RlpWriter()
        .Number(Nonce)
        .Number(GasPrice.Amount)
        .Number(GasLimit)
        .Bytes(ToBytes)
        .Number(Value.Amount)
        .Bytes(Data.Span);
}
