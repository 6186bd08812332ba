using System.Security.Cryptography;

namespace Xmtp.Gateway.Crypto;

/// <summary>The curve by libsecp256k1, where the system has it with its recovery module.</summary>
/// <remarks>
/// One context, blinded with random bytes when it is made and only read afterwards, serves every thread. Nothing is allocated
/// by any operation. The structures of the library are opaque: 64 bytes for a key or a signature, 65 for a recoverable one.
/// </remarks>
internal sealed unsafe class NativeSecp256k1 : ISecp256k1
{
    private const uint UncompressedFlag = 2;
    private const int OpaqueKey = 64;
    private const int OpaqueSignature = 64;
    private const int OpaqueRecoverable = 65;

    private readonly NativeSecp256k1Library library;
    private readonly nint context;

    private NativeSecp256k1(NativeSecp256k1Library library)
    {
        this.library = library;
        context = library.ContextCreate(NativeSecp256k1Library.SignAndVerify);
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        fixed (byte* bytes = seed)
        {
            if (context != 0) _ = library.ContextRandomize(context, bytes);
        }

        CryptographicOperations.ZeroMemory(seed);
    }

    /// <inheritdoc/>
    public string Name => $"libsecp256k1 ({library.FileName})";

    /// <summary>Looks for the library under the names it has on this system.</summary>
    /// <returns>Null when there is none, or none with the recovery module, or it fails a known signature.</returns>
    public static NativeSecp256k1? TryLoad()
    {
        foreach (var library in NativeSecp256k1Library.Probe())
        {
            var native = new NativeSecp256k1(library);
            if (native.context != 0 && Secp256k1SelfTest.Passes(native)) return native;
        }

        return null;
    }

    /// <inheritdoc/>
    public void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature)
    {
        CurveSizes.RequireHash(hash);
        CurveSizes.RequirePrivateKey(privateKey);
        CurveSizes.RequireRoom(signature, CurveSizes.Signature, nameof(signature));
        var opaque = stackalloc byte[OpaqueRecoverable];
        int recoveryId;
        fixed (byte* message = hash, key = privateKey, output = signature)
        {
            if (library.SignRecoverable(context, opaque, message, key, 0, 0) != 1)
                throw new CryptographicException("the 32 bytes are no private key of the curve");
            _ = library.SerializeRecoverable(context, output, &recoveryId, opaque);
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
                && library.ParseCompact(context, opaque, compact) == 1
                && library.Verify(context, opaque, message, key) == 1;
        }
    }

    /// <inheritdoc/>
    public bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        CurveSizes.RequireHash(hash);
        CurveSizes.RequireRoom(publicKey, CurveSizes.PublicKey, nameof(publicKey));
        if (signature.Length != CurveSizes.Signature || signature[CurveSizes.CompactSignature] > 1) return false;
        var key = stackalloc byte[OpaqueKey];
        var opaque = stackalloc byte[OpaqueRecoverable];
        fixed (byte* message = hash, compact = signature)
        {
            if (library.ParseRecoverable(context, opaque, compact, compact[CurveSizes.CompactSignature]) != 1) return false;
            if (library.Recover(context, key, opaque, message) != 1) return false;
        }

        WriteKey(key, publicKey);
        return true;
    }

    /// <inheritdoc/>
    public bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        CurveSizes.RequireRoom(publicKey, CurveSizes.PublicKey, nameof(publicKey));
        if (privateKey.Length != CurveSizes.PrivateKey) return false;
        var key = stackalloc byte[OpaqueKey];
        fixed (byte* secret = privateKey)
        {
            if (library.PublicKeyCreate(context, key, secret) != 1) return false;
        }

        WriteKey(key, publicKey);
        return true;
    }

    /// <inheritdoc/>
    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        var key = stackalloc byte[OpaqueKey];
        return TryReadKey(publicKey, key);
    }

    // The library also takes the hybrid forms 6 and 7; only the uncompressed one is ours.
    private bool TryReadKey(ReadOnlySpan<byte> publicKey, byte* key)
    {
        if (publicKey.Length != CurveSizes.PublicKey || publicKey[0] != 4) return false;
        fixed (byte* bytes = publicKey) return library.PublicKeyParse(context, key, bytes, CurveSizes.PublicKey) == 1;
    }

    private void WriteKey(byte* key, Span<byte> publicKey)
    {
        nuint size = CurveSizes.PublicKey;
        fixed (byte* output = publicKey) _ = library.PublicKeySerialize(context, output, &size, key, UncompressedFlag);
    }
}
