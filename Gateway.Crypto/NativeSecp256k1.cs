using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Crypto;

/// <summary>The curve, implemented by libsecp256k1.</summary>
/// <remarks>
/// A single context, blinded with random bytes at creation and only read afterwards, serves all threads. No operation
/// allocates.
/// </remarks>
internal sealed unsafe class NativeSecp256k1 : ISecp256k1
{
    private const int OpaqueKey = 64;
    private const int OpaqueSignature = 64;
    private const int OpaqueRecoverable = 65;

    private readonly nint _context;

    private NativeSecp256k1()
    {
        _context = Libsecp256k1.ContextCreate(Libsecp256k1.ContextNone);
        if (_context == 0) throw new CryptographicException("no context could be made");
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        int isBlinded;
        fixed (byte* bytes = seed) isBlinded = Libsecp256k1.ContextRandomize(_context, bytes);
        CryptographicOperations.ZeroMemory(seed);
        if (isBlinded != 1) throw new CryptographicException("the context could not be blinded");
    }

    /// <inheritdoc/>
    public string Name => "libsecp256k1";

    /// <summary>Loads the library, and verifies that it signs a known hash correctly.</summary>
    /// <exception cref="PlatformNotSupportedException">The library is missing or does not work; the message says
    /// why.</exception>
    public static NativeSecp256k1 Load()
    {
        try
        {
            var native = new NativeSecp256k1();
            return Secp256k1SelfTest.Passes(native) ? native : throw Unusable("does not sign a known hash as it must", null);
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            throw Unusable("cannot be loaded", exception);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or CryptographicException)
        {
            throw Unusable("does not work: " + exception.Message.TrimEnd('.'), exception);
        }
    }

    private static PlatformNotSupportedException Unusable(string what, Exception? reason) => new(
        $"libsecp256k1 {what}. This is {RuntimeInformation.RuntimeIdentifier}; the program brings the library for Linux (glibc and " +
        $"musl) and macOS on x64 and arm64, "
        + "and for Windows on x64, x86 and arm64. One that was published for a single platform (-r) brings that platform's alone.",
        reason);

    /// <inheritdoc/>
    public void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature)
    {
        CurveSizes.RequireHash(hash);
        CurveSizes.RequirePrivateKey(privateKey);
        CurveSizes.RequireLength(signature, CurveSizes.Signature, nameof(signature));
        var opaque = stackalloc byte[OpaqueRecoverable];
        int recoveryId;
        fixed (byte* message = hash, key = privateKey, output = signature)
        {
            if (Libsecp256k1.SignRecoverable(_context, opaque, message, key, 0, 0) != 1)
                throw new CryptographicException("the 32 bytes are no private key of the curve");
            _ = Libsecp256k1.SerializeRecoverable(_context, output, &recoveryId, opaque);
        }

        if (recoveryId is not (0 or 1)) throw new CryptographicException("the signature has a recovery id that Ethereum has no room for");
        signature[CurveSizes.CompactSignature] = (byte)recoveryId;
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        CurveSizes.RequireHash(hash);
        if (signature.Length is not (CurveSizes.Signature or CurveSizes.CompactSignature)) return false;
        var key = stackalloc byte[OpaqueKey];
        var opaque = stackalloc byte[OpaqueSignature];
        fixed (byte* message = hash, compact = signature)
        {
            return TryReadKey(publicKey, key)
                && Libsecp256k1.ParseCompact(_context, opaque, compact) == 1
                && Libsecp256k1.Verify(_context, opaque, message, key) == 1;
        }
    }

    /// <inheritdoc/>
    public bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        CurveSizes.RequireHash(hash);
        CurveSizes.RequireLength(publicKey, CurveSizes.PublicKey, nameof(publicKey));
        if (signature.Length != CurveSizes.Signature || signature[CurveSizes.CompactSignature] > 1) return false;
        var key = stackalloc byte[OpaqueKey];
        var opaque = stackalloc byte[OpaqueRecoverable];
        fixed (byte* message = hash, compact = signature)
        {
            if (Libsecp256k1.ParseRecoverable(_context, opaque, compact, compact[CurveSizes.CompactSignature]) != 1) return false;
            if (Libsecp256k1.Recover(_context, key, opaque, message) != 1) return false;
        }

        WriteKey(key, publicKey);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        CurveSizes.RequireLength(publicKey, CurveSizes.PublicKey, nameof(publicKey));
        if (privateKey.Length != CurveSizes.PrivateKey) return false;
        var key = stackalloc byte[OpaqueKey];
        fixed (byte* secret = privateKey)
        {
            if (Libsecp256k1.PublicKeyCreate(_context, key, secret) != 1) return false;
        }

        WriteKey(key, publicKey);
        return true;
    }

    /// <summary>Adds a number to a private key, modulo the curve's order.</summary>
    /// <param name="privateKey">32 bytes; receives the sum. Its content is of no use when the result is false.</param>
    /// <param name="addend">32 bytes.</param>
    /// <returns>False when the key is not a private key, the number is not below the order, or the sum is zero.</returns>
    public bool TryAdd(Span<byte> privateKey, ReadOnlySpan<byte> addend)
    {
        CurveSizes.RequirePrivateKey(privateKey);
        CurveSizes.RequirePrivateKey(addend);
        fixed (byte* key = privateKey, number = addend) return Libsecp256k1.PrivateKeyAdd(_context, key, number) == 1;
    }

    /// <inheritdoc/>
    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        var key = stackalloc byte[OpaqueKey];
        return TryReadKey(publicKey, key);
    }

    // The library also accepts the hybrid forms 6 and 7; only the uncompressed form is allowed here.
    private bool TryReadKey(ReadOnlySpan<byte> publicKey, byte* key)
    {
        if (publicKey.Length != CurveSizes.PublicKey || publicKey[0] != 4) return false;
        fixed (byte* bytes = publicKey) return Libsecp256k1.PublicKeyParse(_context, key, bytes, CurveSizes.PublicKey) == 1;
    }

    private void WriteKey(byte* key, Span<byte> publicKey)
    {
        nuint size = CurveSizes.PublicKey;
        fixed (byte* output = publicKey) _ = Libsecp256k1.PublicKeySerialize(_context, output, &size, key, Libsecp256k1.Uncompressed);
    }
}
