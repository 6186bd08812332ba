using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.Crypto;

/// <summary>A signer with its key in this process's memory.</summary>
public sealed class PrivateKeySigner : ISigner
{
    private readonly byte[] key;
    private readonly byte[] publicKey;
    private readonly ISecp256k1 curve;

    private PrivateKeySigner(byte[] key, byte[] publicKey, ISecp256k1 curve)
    {
        (this.key, this.publicKey, this.curve) = (key, publicKey, curve);
        Address = EthereumAddress.FromPublicKey(publicKey);
    }

    /// <inheritdoc/>
    public EthereumAddress Address { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => publicKey;

    /// <summary>Reads 64 hexadecimal digits with or without 0x.</summary>
    /// <param name="hex">The private key. It is in no error message.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the text is not a private key of the curve.</returns>
    public static bool TryParse(string? hex, [NotNullWhen(true)] out PrivateKeySigner? signer)
    {
        signer = null;
        var digits = hex.AsSpan().Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        var key = GC.AllocateUninitializedArray<byte>(32, pinned: true);
        if (digits.Length != 64 || Convert.FromHexString(digits, key, out _, out _) != System.Buffers.OperationStatus.Done) return false;

        var publicKey = new byte[65];
        if (!Secp256k1.Default.TryGetPublicKey(key, publicKey)) return false;
        signer = new PrivateKeySigner(key, publicKey, Secp256k1.Default);
        return true;
    }

    /// <inheritdoc/>
    public ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        Sign(hash.Span, signature.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="SignAsync"/>, for the hot path that knows its key is local.</summary>
    public void Sign(ReadOnlySpan<byte> hash, Span<byte> signature) => curve.SignRecoverable(hash, key, signature);

    /// <summary>The address; never the key.</summary>
    public override string ToString() => Address.ToString();
}
