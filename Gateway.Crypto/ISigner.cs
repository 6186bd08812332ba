namespace Xmtp.Gateway.Crypto;

/// <summary>Holds a secp256k1 key and signs with it: a local key, or a remote key service.</summary>
/// <remarks>Thread-safe. The key itself never leaves an implementation, not even in <c>ToString</c>.</remarks>
public interface ISigner
{
    /// <summary>The address of the key.</summary>
    EthereumAddress Address { get; }

    /// <summary>The uncompressed public key, 65 bytes.</summary>
    ReadOnlyMemory<byte> PublicKey { get; }

    /// <summary>Signs a hash of 32 bytes.</summary>
    /// <param name="hash">32 bytes.</param>
    /// <param name="signature">Receives 65 bytes r‖s‖v, low-s, v 0 or 1.</param>
    /// <param name="cancellationToken">Cancels a remote call.</param>
    ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken);
}
