using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

// If a program has no list of its native files (deps.json), the one next to the assembly is loaded.
[assembly: DefaultDllImportSearchPaths(
    DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.ApplicationDirectory | DllImportSearchPath.SafeDirectories)]

namespace Xmtp.Gateway.Crypto;

/// <summary>
/// The functions of libsecp256k1 that the gateway calls. The native file comes with the package Secp256k1.Net, one per
/// platform.
/// </summary>
/// <remarks>
/// Structures are opaque: 64 bytes for a public key or a signature, 65 for a recoverable signature. 1 is success, 0 is
/// failure. A null pointer ends the process.
/// </remarks>
internal static unsafe partial class Libsecp256k1
{
    /// <summary>SECP256K1_CONTEXT_NONE.</summary>
    public const uint ContextNone = 1;

    /// <summary>SECP256K1_EC_UNCOMPRESSED.</summary>
    public const uint Uncompressed = 2;

    private const string Library = "secp256k1";

    [LibraryImport(Library, EntryPoint = "secp256k1_context_create"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial nint ContextCreate(uint flags);

    [LibraryImport(Library, EntryPoint = "secp256k1_context_randomize"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ContextRandomize(nint context, byte* seed);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_create"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PublicKeyCreate(nint context, byte* key, byte* privateKey);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_seckey_tweak_add"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PrivateKeyAdd(nint context, byte* privateKey, byte* addend);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_parse"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PublicKeyParse(nint context, byte* key, byte* input, nuint size);

    [LibraryImport(Library, EntryPoint = "secp256k1_ec_pubkey_serialize"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int PublicKeySerialize(nint context, byte* output, nuint* size, byte* key, uint flags);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_signature_parse_compact"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ParseCompact(nint context, byte* signature, byte* input);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_verify"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int Verify(nint context, byte* signature, byte* hash, byte* key);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_sign_recoverable"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SignRecoverable(
        nint context, byte* signature, byte* hash, byte* privateKey, nint nonceFunction, nint nonceData);

    [LibraryImport(
        Library,
        EntryPoint = "secp256k1_ecdsa_recoverable_signature_serialize_compact"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int SerializeRecoverable(nint context, byte* output, int* recoveryId, byte* signature);

    [LibraryImport(
        Library,
        EntryPoint = "secp256k1_ecdsa_recoverable_signature_parse_compact"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int ParseRecoverable(nint context, byte* signature, byte* input, int recoveryId);

    [LibraryImport(Library, EntryPoint = "secp256k1_ecdsa_recover"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    public static partial int Recover(nint context, byte* key, byte* signature, byte* hash);
}
