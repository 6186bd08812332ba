using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>
/// A transaction before it is signed. Two kinds: <see cref="FeeMarketTransaction"/> and
/// <see cref="LegacyTransaction"/>.
/// </summary>
public abstract record UnsignedTransaction
{
    private protected UnsignedTransaction()
    {
    }

    /// <summary>The only chain on which it is valid.</summary>
    public required ulong ChainId { get; init; }

    /// <summary>Its position in the sender's order.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>The max gas that it may use.</summary>
    public required ulong GasLimit { get; init; }

    /// <summary>The callee; null deploys <see cref="Data"/>.</summary>
    public required EthereumAddress? To { get; init; }

    /// <summary>The native value sent along.</summary>
    public Wei Value { get; init; }

    /// <summary>The selector and its arguments.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The max price per unit of gas that the sender may pay.</summary>
    public abstract Wei GasPriceCeiling { get; }

    /// <summary>The max cost to the sender: all gas at the max price, and the value sent along.</summary>
    public Wei CostCeiling => (GasPriceCeiling * GasLimit) + Value;

    /// <summary>The hash that the sender signs.</summary>
    public abstract byte[] SigningHash();

    /// <summary>Attaches a signature: r‖s‖v over <see cref="SigningHash"/>, v 0 or 1.</summary>
    /// <exception cref="ArgumentException">The signature is not 65 bytes, or v is neither 0 nor 1.</exception>
    public SignedTransaction Seal(EthereumAddress sender, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != 65 || signature[64] > 1)
            throw new ArgumentException("a signature is r‖s‖v, 65 bytes, v 0 or 1", nameof(signature));
        var raw = Encode(signature);
        return new SignedTransaction(this, sender, raw, new Bytes32(Keccak256.Hash(raw)));
    }

    /// <summary>Signs the transaction with a signer.</summary>
    public async ValueTask<SignedTransaction> SignAsync(ISigner signer, CancellationToken cancellationToken)
    {
        var signature = new byte[65];
        await signer.SignAsync(SigningHash(), signature, cancellationToken).ConfigureAwait(false);
        return Seal(signer.Address, signature);
    }

    /// <summary>The signed bytes, as they are broadcast.</summary>
    private protected abstract byte[] Encode(ReadOnlySpan<byte> signature);

    private protected ReadOnlySpan<byte> ToBytes => To is { } to ? to.Bytes : default;
}
