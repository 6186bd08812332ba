namespace Xmtp.Gateway.Crypto;

/// <summary>A known signature that a library must reproduce before it is used.</summary>
internal static class Secp256k1SelfTest
{
    /// <summary>Key 1 over the SHA-256 of "Satoshi Nakamoto": the common test vector of RFC 6979 implementations of this curve.</summary>
    private static readonly byte[] Hash = Convert.FromHexString("a0dc65ffca799873cbea0ac274015b9526505daaaed385155425f7337704883e");

    private static readonly byte[] Expected = Convert.FromHexString(
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");

    /// <summary>Signs, compares, recovers and verifies.</summary>
    public static bool Passes(ISecp256k1 curve)
    {
        Span<byte> key = stackalloc byte[CurveSizes.PrivateKey];
        key.Clear();
        key[^1] = 1;
        Span<byte> signature = stackalloc byte[CurveSizes.Signature];
        Span<byte> derived = stackalloc byte[CurveSizes.PublicKey];
        Span<byte> recovered = stackalloc byte[CurveSizes.PublicKey];
        curve.SignRecoverable(Hash, key, signature);
        return signature[..CurveSizes.CompactSignature].SequenceEqual(Expected)
            && curve.TryGetPublicKey(key, derived)
            && curve.TryRecover(Hash, signature, recovered)
            && recovered.SequenceEqual(derived)
            && curve.Verify(Hash, signature, derived);
    }
}
