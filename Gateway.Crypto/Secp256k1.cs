namespace Xmtp.Gateway.Crypto;

/// <summary>The curve of this process: libsecp256k1, included in this package for Linux, macOS and Windows.</summary>
public static class Secp256k1
{
    private static readonly Lazy<NativeSecp256k1> Loaded = new(NativeSecp256k1.Load);

    /// <summary>The curve. Loaded once, at first use.</summary>
    /// <exception cref="PlatformNotSupportedException">There is no libsecp256k1 for this platform, or it does not sign
    /// a known hash correctly; the message says which.</exception>
    public static ISecp256k1 Default => Loaded.Value;

    /// <summary>The same, with what only derivation of keys needs.</summary>
    internal static NativeSecp256k1 Native => Loaded.Value;
}
