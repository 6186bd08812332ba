namespace Xmtp.Gateway.Crypto;

internal static class Lengths
{
    internal static void Check(ReadOnlySpan<byte> bytes, int length, string name)
    {
        if (bytes.Length != length) throw new ArgumentException($"{length} bytes are needed, these are {bytes.Length}", name);
    }
}
