using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.UserFunded;

/// <summary>A user's payer wallet: its public key comes with the user's token, and the app's signing service signs for it.</summary>
public sealed class UserWallet : ISigner
{
    private const int KeySize = 65;
    private const int SignatureSize = 65;

    private readonly SigningQueue _queue;
    private readonly byte[] _publicKey;

    private UserWallet(SigningQueue queue, byte[] publicKey)
    {
        _queue = queue;
        _publicKey = publicKey;
        Address = EthereumAddress.FromPublicKey(publicKey);
    }

    /// <inheritdoc/>
    public EthereumAddress Address { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Reads a public key: 130 hexadecimal digits, uncompressed.</summary>
    public static bool TryParse(string? publicKey, SigningQueue queue, [NotNullWhen(true)] out UserWallet? wallet)
    {
        wallet = null;
        var key = new byte[KeySize];
        if (publicKey is not { Length: 2 * KeySize }) return false;
        if (Convert.FromHexString(publicKey, key, out _, out _) != OperationStatus.Done) return false;
        if (!Secp256k1.Default.IsValidPublicKey(key)) return false;
        wallet = new UserWallet(queue, key);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        var signed = await _queue.SignAsync(Address, hash, cancellationToken);
        if (!IsOurs(hash.Span, signed)) throw new InvalidDataException($"what the signing service gave is no signature of {Address}");
        signed.CopyTo(signature);
    }

    /// <summary>The address.</summary>
    public override string ToString() => Address.ToString();

    private bool IsOurs(ReadOnlySpan<byte> hash, byte[] signature)
    {
        Span<byte> key = stackalloc byte[KeySize];
        return signature.Length == SignatureSize && Secp256k1.Default.TryRecover(hash, signature, key) && key.SequenceEqual(_publicKey);
    }
}
