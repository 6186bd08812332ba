using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Crypto;

/// <summary>A loaded libsecp256k1: its file name and the entry points that the gateway calls.</summary>
/// <remarks>The C interface used here is the same in every release since 0.1 of 2022; only the file's name differs by platform and release.</remarks>
internal sealed unsafe class NativeSecp256k1Library
{
    /// <summary>SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY: needed by old releases, harmless in new ones.</summary>
    public const uint SignAndVerify = 0x301;

    private const DllImportSearchPath SearchPath =
        DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.ApplicationDirectory | DllImportSearchPath.SafeDirectories;

    private NativeSecp256k1Library(string fileName, nint handle)
    {
        FileName = fileName;
        ContextCreate = (delegate* unmanaged[Cdecl]<uint, nint>)NativeLibrary.GetExport(handle, "secp256k1_context_create");
        ContextRandomize = (delegate* unmanaged[Cdecl]<nint, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_context_randomize");
        PublicKeyCreate = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_ec_pubkey_create");
        PublicKeyParse = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nuint, int>)NativeLibrary.GetExport(handle, "secp256k1_ec_pubkey_parse");
        PublicKeySerialize = (delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, uint, int>)NativeLibrary.GetExport(handle, "secp256k1_ec_pubkey_serialize");
        ParseCompact = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_signature_parse_compact");
        Verify = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_verify");
        SignRecoverable = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, nint, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_sign_recoverable");
        SerializeRecoverable = (delegate* unmanaged[Cdecl]<nint, byte*, int*, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_recoverable_signature_serialize_compact");
        ParseRecoverable = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_recoverable_signature_parse_compact");
        Recover = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int>)NativeLibrary.GetExport(handle, "secp256k1_ecdsa_recover");
    }

    /// <summary>The name under which the system found it.</summary>
    public string FileName { get; }

    public delegate* unmanaged[Cdecl]<uint, nint> ContextCreate { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, int> ContextRandomize { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> PublicKeyCreate { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, nuint, int> PublicKeyParse { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, nuint*, byte*, uint, int> PublicKeySerialize { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, int> ParseCompact { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int> Verify { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, nint, nint, int> SignRecoverable { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, int*, byte*, int> SerializeRecoverable { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, int, int> ParseRecoverable { get; }

    public delegate* unmanaged[Cdecl]<nint, byte*, byte*, byte*, int> Recover { get; }

    /// <summary>Every library of this name that loads and has all entry points; without the recovery module it has not.</summary>
    public static IEnumerable<NativeSecp256k1Library> Probe()
    {
        foreach (var name in FileNames())
        {
            if (!NativeLibrary.TryLoad(name, typeof(NativeSecp256k1Library).Assembly, SearchPath, out var handle)) continue;
            if (TryBind(name, handle) is { } library) yield return library;
            else NativeLibrary.Free(handle);
        }
    }

    private static NativeSecp256k1Library? TryBind(string name, nint handle)
    {
        try
        {
            return new NativeSecp256k1Library(name, handle);
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    // Releases so far have the numbers 0 (before 0.1), 1 (0.2), 2 (0.3 to 0.6), 5 and 6; the bare name comes with development packages.
    private static string[] FileNames()
    {
        if (OperatingSystem.IsWindows()) return ["secp256k1.dll", "libsecp256k1.dll", "libsecp256k1-6.dll", "libsecp256k1-5.dll", "libsecp256k1-2.dll", "libsecp256k1-1.dll"];
        if (OperatingSystem.IsMacOS())
        {
            return
            [
                "libsecp256k1.dylib", "libsecp256k1.6.dylib", "libsecp256k1.5.dylib", "libsecp256k1.2.dylib", "libsecp256k1.1.dylib",
                "/opt/homebrew/lib/libsecp256k1.dylib", "/usr/local/lib/libsecp256k1.dylib",
            ];
        }

        return ["libsecp256k1.so.6", "libsecp256k1.so.5", "libsecp256k1.so.2", "libsecp256k1.so.1", "libsecp256k1.so.0", "libsecp256k1.so", "libsecp256k1"];
    }
}
