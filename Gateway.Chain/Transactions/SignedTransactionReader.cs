using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>Reads the bytes of a signed transaction, and recovers its sender.</summary>
/// <remarks>Accepts what this library writes: type 2 with an empty access list, and legacy transactions with EIP-155.</remarks>
public static class SignedTransactionReader
{
    /// <summary>Reads a signed transaction.</summary>
    /// <returns>False when the bytes are not such a transaction, or the signature is invalid.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> raw, [NotNullWhen(true)] out SignedTransaction? transaction)
    {
        transaction = null;
        try
        {
            var signature = new byte[65];
            UnsignedTransaction unsigned = raw.Span is [FeeMarketTransaction.Type, ..]
                ? ReadFeeMarket(TransactionFieldReader.Of(raw[1..]), signature)
                : ReadLegacy(TransactionFieldReader.Of(raw), signature);
            var key = new byte[65];
            if (!Secp256k1.Default.TryRecover(unsigned.SigningHash(), signature, key)) return false;
            var signed = unsigned.Seal(EthereumAddress.FromPublicKey(key), signature);
            // Only the canonical encoding is accepted: writing the transaction again must give the same bytes.
            if (!signed.Raw.Span.SequenceEqual(raw.Span)) return false;
            transaction = signed;
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static FeeMarketTransaction ReadFeeMarket(TransactionFieldReader items, byte[] signature)
    {
        var (chainId, nonce) = (items.Number64(), items.Number64());
        var (tip, fee) = (new Wei(items.Number()), new Wei(items.Number()));
        var transaction = new FeeMarketTransaction
        {
            ChainId = chainId,
            Nonce = nonce,
            MaxPriorityFeePerGas = tip,
            MaxFeePerGas = fee,
            GasLimit = items.Number64(),
            To = ReadTo(items),
            Value = new Wei(items.Number()),
            Data = items.Bytes(),
        };
        items.EmptyList();
        ReadSignature(items, items.Number64(), signature);
        return transaction;
    }

    private static LegacyTransaction ReadLegacy(TransactionFieldReader items, byte[] signature)
    {
        var (nonce, price, limit) = (items.Number64(), new Wei(items.Number()), items.Number64());
        var (to, value, data) = (ReadTo(items), new Wei(items.Number()), items.Bytes());
        var v = items.Number();
        if (v < LegacyTransaction.ReplayOffset) throw new FormatException("the transaction is not tied to a chain");
        var chainId = (v - LegacyTransaction.ReplayOffset) / 2;
        if (chainId > ulong.MaxValue) throw new FormatException("the chain's id is too large");
        ReadSignature(items, (ulong)((v - LegacyTransaction.ReplayOffset) % 2), signature);
        return new LegacyTransaction
        {
            ChainId = (ulong)chainId,
            Nonce = nonce,
            GasPrice = price,
            GasLimit = limit,
            To = to,
            Value = value,
            Data = data,
        };
    }

    private static EthereumAddress? ReadTo(TransactionFieldReader items) => items.Bytes() switch
    {
        { Length: 0 } => null,
        { Length: EthereumAddress.Size } bytes => new EthereumAddress(bytes),
        _ => throw new FormatException("the callee is not an address"),
    };

    private static void ReadSignature(TransactionFieldReader items, ulong parity, byte[] signature)
    {
        if (parity > 1) throw new FormatException("the parity is neither 0 nor 1");
        items.Number(signature.AsSpan(0, 32));
        items.Number(signature.AsSpan(32, 32));
        signature[64] = (byte)parity;
        items.End();
    }
}
