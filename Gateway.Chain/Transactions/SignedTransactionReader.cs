using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Chain.Rlp;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>Reads the bytes of a signed transaction back, and finds out who signed it.</summary>
/// <remarks>Takes what this library writes: type 2 with an empty access list, and legacy transactions with EIP-155.</remarks>
public static class SignedTransactionReader
{
    /// <summary>Reads one.</summary>
    /// <returns>False when the bytes are no such transaction, or when no key made the signature.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> raw, [NotNullWhen(true)] out SignedTransaction? transaction)
    {
        transaction = null;
        try
        {
            var signature = new byte[65];
            UnsignedTransaction unsigned = raw.Span is [FeeMarketTransaction.Type, ..]
                ? ReadFeeMarket(RlpReader.OfList(raw[1..]), signature)
                : ReadLegacy(RlpReader.OfList(raw), signature);
            var key = new byte[65];
            if (!Secp256k1.Default.TryRecover(unsigned.SigningHash(), signature, key)) return false;
            transaction = unsigned.Seal(EthereumAddress.FromPublicKey(key), signature);
            return true;
        }
        catch (RlpException)
        {
            return false;
        }
    }

    private static FeeMarketTransaction ReadFeeMarket(RlpReader items, byte[] signature)
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
        if (!items.List().IsAtEnd) throw new RlpException("the access list is not empty");
        ReadSignature(items, items.Number64(), signature);
        return transaction;
    }

    private static LegacyTransaction ReadLegacy(RlpReader items, byte[] signature)
    {
        var (nonce, price, limit) = (items.Number64(), new Wei(items.Number()), items.Number64());
        var (to, value, data) = (ReadTo(items), new Wei(items.Number()), items.Bytes());
        var v = items.Number();
        if (v < LegacyTransaction.ReplayOffset) throw new RlpException("the transaction is not tied to a chain");
        var chainId = (v - LegacyTransaction.ReplayOffset) / 2;
        if (chainId > ulong.MaxValue) throw new RlpException("the chain's id is too large");
        ReadSignature(items, (ulong)((v - LegacyTransaction.ReplayOffset) % 2), signature);
        return new LegacyTransaction { ChainId = (ulong)chainId, Nonce = nonce, GasPrice = price, GasLimit = limit, To = to, Value = value, Data = data };
    }

    private static EthereumAddress? ReadTo(RlpReader items) => items.Bytes() switch
    {
        { Length: 0 } => null,
        { Length: EthereumAddress.Size } bytes => new EthereumAddress(bytes.Span),
        _ => throw new RlpException("the callee is no address"),
    };

    private static void ReadSignature(RlpReader items, ulong parity, byte[] signature)
    {
        if (parity > 1) throw new RlpException("the parity is neither 0 nor 1");
        items.Number(signature.AsSpan(0, 32));
        items.Number(signature.AsSpan(32, 32));
        signature[64] = (byte)parity;
        if (!items.IsAtEnd) throw new RlpException("there is more behind the signature");
    }
}
