namespace Xmtp.Gateway.Crypto;

/// <summary>Sizes in bytes of the inputs and outputs of the curve operations, and checks of them.</summary>
public static class CurveSizes
{
    /// <summary>A private key.</summary>
    public const int PrivateKey = 32;

    /// <summary>A hash that is signed.</summary>
    public const int Hash = 32;

    /// <summary>r‖s.</summary>
    public const int CompactSignature = 64;

    /// <summary>r‖s‖v.</summary>
    public const int Signature = 65;

    /// <summary>An uncompressed public key: 4‖x‖y.</summary>
    public const int PublicKey = 65;

    internal static void RequireHash(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != Hash) throw new ArgumentException($"a hash is {Hash} bytes, this is {hash.Length}", nameof(hash));
    }

    internal static void RequirePrivateKey(ReadOnlySpan<byte> privateKey)
    {
        if (privateKey.Length != PrivateKey) throw new ArgumentException($"a private key is {PrivateKey} bytes", nameof(privateKey));
    }

    internal static void RequireLength(ReadOnlySpan<byte> output, int size, string name)
    {
        if (output.Length < size) throw new ArgumentException($"{size} bytes are written, there is room for {output.Length}", name);
    }
}
