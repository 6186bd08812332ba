using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Crypto;

/// <summary>libsecp256k1 by P/Invoke: one blinded context, no allocation a signature.</summary>
/// <remarks>After its making the context is only read, which the library documents as thread-safe.</remarks>
internal sealed unsafe class NativeSecp256k1 : ISecp256k1
{
    private const uint ContextSignAndVerify = 0x0301;
    private const uint Uncompressed = 2;
    private const int InternalSignature = 65, InternalPublicKey = 64;

    private readonly nint context;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int> sign;
    private readonly delegate* unmanaged<nint, byte*, int*, byte*, int> serializeRecoverable;
    private readonly delegate* unmanaged<nint, byte*, byte*, int, int> parseRecoverable;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> recover;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> parseSignature;
    private readonly delegate* unmanaged<nint, byte*, byte*, byte*, int> verify;
    private readonly delegate* unmanaged<nint, byte*, byte*, nuint, int> parseKey;
    private readonly delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int> serializeKey;
    private readonly delegate* unmanaged<nint, byte*, byte*, int> createKey;

    private NativeSecp256k1(nint library, string name)
    {
        Name = $"libsecp256k1 ({name})";
        sign = (delegate* unmanaged<nint, byte*, byte*, byte*, nint, nint, int>)Export(library, "ecdsa_sign_recoverable");
        serializeRecoverable = (delegate* unmanaged<nint, byte*, int*, byte*, int>)Export(library, "ecdsa_recoverable_signature_serialize_compact");
        parseRecoverable = (delegate* unmanaged<nint, byte*, byte*, int, int>)Export(library, "ecdsa_recoverable_signature_parse_compact");
        recover = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)Export(library, "ecdsa_recover");
        parseSignature = (delegate* unmanaged<nint, byte*, byte*, int>)Export(library, "ecdsa_signature_parse_compact");
        verify = (delegate* unmanaged<nint, byte*, byte*, byte*, int>)Export(library, "ecdsa_verify");
        parseKey = (delegate* unmanaged<nint, byte*, byte*, nuint, int>)Export(library, "ec_pubkey_parse");
        serializeKey = (delegate* unmanaged<nint, byte*, nuint*, byte*, uint, int>)Export(library, "ec_pubkey_serialize");
        createKey = (delegate* unmanaged<nint, byte*, byte*, int>)Export(library, "ec_pubkey_create");
        context = ((delegate* unmanaged<uint, nint>)Export(library, "context_create"))(ContextSignAndVerify);
        if (context == 0) throw new InvalidOperationException("libsecp256k1 made no context");
        Blind((delegate* unmanaged<nint, byte*, int>)Export(library, "context_randomize"));
    }

    public string Name { get; }

    /// <summary>Null where the system has no libsecp256k1, or one without the recovery module.</summary>
    internal static NativeSecp256k1? TryLoad()
    {
        if (!NativeLibraryNames.TryLoad(out var library, out var name)) return null;
        try
        {
            return new NativeSecp256k1(library, name);
        }
        catch (Exception fault) when (fault is EntryPointNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }

    public void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature)
    {
        Lengths.Check(hash, 32, nameof(hash));
        Lengths.Check(privateKey, 32, nameof(privateKey));
        Lengths.Check(signature, 65, nameof(signature));
        var made = stackalloc byte[InternalSignature];
        int recoveryId;
        fixed (byte* h = hash, k = privateKey, s = signature)
        {
            if (sign(context, made, h, k, 0, 0) != 1) throw new CryptographicException("not a private key of secp256k1");
            serializeRecoverable(context, s, &recoveryId, made);
        }

        signature[64] = (byte)recoveryId;
    }

    public bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey)
    {
        if (hash.Length != 32 || signature.Length is not (64 or 65)) return false;
        var parsed = stackalloc byte[64];
        var key = stackalloc byte[InternalPublicKey];
        if (!TryParseKey(publicKey, key)) return false;
        fixed (byte* h = hash, s = signature)
            return parseSignature(context, parsed, s) == 1 && verify(context, parsed, h, key) == 1;
    }

    public bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey)
    {
        if (hash.Length != 32 || signature.Length != 65 || signature[64] > 1) return false;
        Lengths.Check(publicKey, 65, nameof(publicKey));
        var parsed = stackalloc byte[InternalSignature];
        var key = stackalloc byte[InternalPublicKey];
        fixed (byte* h = hash, s = signature)
            return parseRecoverable(context, parsed, s, signature[64]) == 1
                && recover(context, key, parsed, h) == 1
                && Serialize(key, publicKey);
    }

    public bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey)
    {
        if (privateKey.Length != 32) return false;
        Lengths.Check(publicKey, 65, nameof(publicKey));
        var key = stackalloc byte[InternalPublicKey];
        fixed (byte* k = privateKey)
            return createKey(context, key, k) == 1 && Serialize(key, publicKey);
    }

    public bool IsValidPublicKey(ReadOnlySpan<byte> publicKey)
    {
        var key = stackalloc byte[InternalPublicKey];
        return TryParseKey(publicKey, key);
    }

    private bool TryParseKey(ReadOnlySpan<byte> publicKey, byte* key)
    {
        // The library also reads hybrid keys (first byte 6 or 7): those are not what registries hold.
        if (publicKey.Length != 65 || publicKey[0] != 4) return false;
        fixed (byte* p = publicKey) return parseKey(context, key, p, 65) == 1;
    }

    private bool Serialize(byte* key, Span<byte> publicKey)
    {
        nuint length = 65;
        fixed (byte* p = publicKey) return serializeKey(context, p, &length, key, Uncompressed) == 1 && length == 65;
    }

    private void Blind(delegate* unmanaged<nint, byte*, int> randomize)
    {
        var seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(new Span<byte>(seed, 32));
        if (randomize(context, seed) != 1) throw new InvalidOperationException("libsecp256k1 took no seed");
    }

    private static nint Export(nint library, string name) => NativeLibrary.GetExport(library, "secp256k1_" + name);
}
