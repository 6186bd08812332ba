using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Crypto;

/// <summary>A signer with its key in this process's memory.</summary>
/// <remarks>
/// The key is parsed once into pinned memory, which the garbage collector does not move, so no copies are left behind.
/// </remarks>
public sealed class PrivateKeySigner : ISigner
{
    private readonly byte[] _key;
    private readonly byte[] _publicKey;
    private readonly ISecp256k1 _curve;

    private PrivateKeySigner(byte[] key, byte[] publicKey, ISecp256k1 curve)
    {
        _key = key;
        _publicKey = publicKey;
        _curve = curve;
        Address = EthereumAddress.FromPublicKey(publicKey);
    }

    /// <inheritdoc/>
    public EthereumAddress Address { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Reads 64 hexadecimal digits with or without 0x.</summary>
    /// <param name="hex">The private key. No error message contains it.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the text is not a private key of the curve.</returns>
    public static bool TryParse(string? hex, [NotNullWhen(true)] out PrivateKeySigner? signer) =>
        TryParse(hex, Secp256k1.Default, out signer);

    /// <summary>As <see cref="TryParse(string?, out PrivateKeySigner?)"/>, for text that the caller clears.</summary>
    /// <param name="hex">The private key. No error message contains it.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the text is not a private key of the curve.</returns>
    public static bool TryParse(ReadOnlySpan<char> hex, [NotNullWhen(true)] out PrivateKeySigner? signer) =>
        TryParse(hex, Secp256k1.Default, out signer);

    /// <summary>
    /// Creates a signer from a key of 32 bytes, big-endian. The bytes are copied; the caller clears its own copy.
    /// </summary>
    /// <param name="privateKey">32 bytes.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the bytes are not a private key of the curve.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> privateKey, [NotNullWhen(true)] out PrivateKeySigner? signer)
    {
        signer = null;
        if (privateKey.Length != CurveSizes.PrivateKey) return false;
        var key = GC.AllocateArray<byte>(CurveSizes.PrivateKey, pinned: true);
        privateKey.CopyTo(key);
        return TryKeep(key, Secp256k1.Default, out signer);
    }

    /// <summary>As <see cref="TryParse(string?, out PrivateKeySigner?)"/>, with the given curve implementation.</summary>
    /// <param name="hex">The private key. No error message contains it.</param>
    /// <param name="curve">The implementation that signs.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the text is not a private key of the curve.</returns>
    public static bool TryParse(string? hex, ISecp256k1 curve, [NotNullWhen(true)] out PrivateKeySigner? signer) =>
        TryParse(hex.AsSpan(), curve, out signer);

    private static bool TryParse(ReadOnlySpan<char> hex, ISecp256k1 curve, [NotNullWhen(true)] out PrivateKeySigner? signer)
    {
        signer = null;
        var digits = hex.Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) digits = digits[2..];
        if (digits.Length != 2 * CurveSizes.PrivateKey) return false;

        var key = GC.AllocateArray<byte>(CurveSizes.PrivateKey, pinned: true);
        if (Convert.FromHexString(digits, key, out _, out _) == OperationStatus.Done) return TryKeep(key, curve, out signer);
        CryptographicOperations.ZeroMemory(key);
        return false;
    }

    // The signer takes ownership of the key; an invalid key is cleared.
    private static bool TryKeep(byte[] key, ISecp256k1 curve, [NotNullWhen(true)] out PrivateKeySigner? signer)
    {
        var publicKey = new byte[CurveSizes.PublicKey];
        signer = curve.TryGetPublicKey(key, publicKey) ? new PrivateKeySigner(key, publicKey, curve) : null;
        if (signer is null) CryptographicOperations.ZeroMemory(key);
        return signer is not null;
    }

    /// <inheritdoc/>
    public ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        _curve.SignRecoverable(hash.Span, _key, signature.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>As <see cref="SignAsync"/>, for hot paths with a local key.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="signature">Receives 65 bytes r‖s‖v, low-s, v 0 or 1.</param>
    public void Sign(ReadOnlySpan<byte> hash, Span<byte> signature) => _curve.SignRecoverable(hash, _key, signature);

    /// <summary>The address; never the key.</summary>
    public override string ToString() => Address.ToString();
}
