namespace Xmtp.Gateway.Crypto;

/// <summary>
/// The curve operations that the gateway needs, implemented by one library. Implementations are thread-safe and agree
/// byte for byte: signatures are deterministic (RFC 6979), low-s, and 65 bytes r‖s‖v with v 0 or 1.
/// </summary>
public interface ISecp256k1
{
    /// <summary>The name of this implementation in the start-up log, such as <c>libsecp256k1</c>.</summary>
    string Name { get; }

    /// <summary>Signs a hash of 32 bytes.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="privateKey">32 bytes, a number from 1 to the curve's order minus 1.</param>
    /// <param name="signature">Receives 65 bytes.</param>
    void SignRecoverable(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> privateKey, Span<byte> signature);

    /// <summary>
    /// Whether <paramref name="signature"/> (65 bytes, of which the recovery id is ignored, or 64) over
    /// <paramref name="hash"/> was made with the key. High-s signatures are rejected.
    /// </summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="signature">65 bytes r‖s‖v or 64 bytes r‖s.</param>
    /// <param name="publicKey">65 bytes, uncompressed, first byte 4.</param>
    bool Verify(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey);

    /// <summary>Recovers the public key of a signature.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="signature">65 bytes r‖s‖v; v is 0 or 1 (27 and 28 are not accepted).</param>
    /// <param name="publicKey">Receives 65 bytes, uncompressed.</param>
    /// <returns>False when the signature is invalid.</returns>
    bool TryRecover(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, Span<byte> publicKey);

    /// <summary>Derives the uncompressed public key (65 bytes) of a private key.</summary>
    /// <returns>False when the 32 bytes are not a private key: zero, or not below the curve's order.</returns>
    bool TryGetPublicKey(ReadOnlySpan<byte> privateKey, Span<byte> publicKey);

    /// <summary>Whether the 65 bytes are an uncompressed point on the curve.</summary>
    bool IsValidPublicKey(ReadOnlySpan<byte> publicKey);
}
