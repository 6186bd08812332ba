using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>
/// Signs with a key of AWS KMS: one call per signature. The key never leaves KMS; the address is derived from its
/// public key.
/// </summary>
/// <remarks>
/// Thread-safe. Every error is an exception, on which the gateway responds UNAVAILABLE: nothing is sent without a
/// signature.
/// </remarks>
public sealed class KmsSigner : ISigner
{
    /// <summary>The timeout of a signature, including all attempts.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

    private readonly IAmazonKeyManagementService _kms;
    private readonly string _keyId;
    private readonly byte[] _publicKey;

    private KmsSigner(IAmazonKeyManagementService kms, string keyId, byte[] publicKey)
    {
        _kms = kms;
        _keyId = keyId;
        _publicKey = publicKey;
        Address = EthereumAddress.FromPublicKey(publicKey);
    }

    /// <inheritdoc/>
    public EthereumAddress Address { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Reads the public key, and checks whether the key is usable.</summary>
    /// <param name="kms">The client; not disposed here.</param>
    /// <param name="keyId">The key's id, ARN or alias.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="InvalidDataException">The key is not a secp256k1 key for signatures.</exception>
    /// <exception cref="AmazonKeyManagementServiceException">KMS refused the call.</exception>
    /// <exception cref="TimeoutException">KMS did not respond within <see cref="Timeout"/>.</exception>
    public static async Task<KmsSigner> ConnectAsync(
        IAmazonKeyManagementService kms, string keyId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(kms);
        var key = await WithinAsync(token => kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = keyId }, token), cancellationToken);
        if (key.KeyUsage != KeyUsageType.SIGN_VERIFY) throw new InvalidDataException("the KMS key is not for signatures (SIGN_VERIFY)");

        // The returned ARN: an alias may be moved to another key while this process runs.
        return new KmsSigner(kms, key.KeyId, DerKey.Read(key.PublicKey.ToArray()));
    }

    /// <inheritdoc/>
    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream(hash.ToArray());

        // The hash is Keccak-256; KMS signs the 32 bytes unchanged, although the algorithm is named SHA-256.
        var request = new SignRequest
        {
            KeyId = _keyId,
            Message = message,
            MessageType = MessageType.DIGEST,
            SigningAlgorithm = SigningAlgorithmSpec.ECDSA_SHA_256,
        };
        var answer = await WithinAsync(token => _kms.SignAsync(request, token), cancellationToken);
        DerSignature.Write(answer.Signature.ToArray(), hash.Span, _publicKey, signature.Span);
    }

    /// <summary>The address; never a credential.</summary>
    public override string ToString() => Address.ToString();

    private static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            return await call(timeout.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"KMS did not answer within {Timeout.TotalSeconds} s");
        }
    }
}
