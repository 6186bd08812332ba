using System.Runtime.InteropServices;

namespace Xmtp.Gateway.Crypto;

/// <summary>The names under which systems ship libsecp256k1: the number is the ABI's, and differs by distribution.</summary>
internal static class NativeLibraryNames
{
    private static readonly string[] Names =
    [
        "libsecp256k1.so.6", "libsecp256k1.so.5", "libsecp256k1.so.2", "libsecp256k1.so.1",
        "libsecp256k1.so", "libsecp256k1.dylib", "/opt/homebrew/lib/libsecp256k1.dylib", "/usr/local/lib/libsecp256k1.dylib",
        "secp256k1.dll", "libsecp256k1.dll",
    ];

    internal static bool TryLoad(out nint library, out string name)
    {
        foreach (var candidate in Names)
        {
            name = candidate;
            if (NativeLibrary.TryLoad(candidate, typeof(NativeLibraryNames).Assembly, null, out library)) return true;
        }

        (library, name) = (0, string.Empty);
        return false;
    }
}
