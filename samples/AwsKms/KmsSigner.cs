using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Samples.AwsKms;

/// <summary>
/// Signs with a key of AWS KMS: one call a signature. The key never leaves KMS; its address is known from its public
/// key.
/// </summary>
/// <remarks>
/// Thread-safe. Whatever goes wrong is an exception, and the gateway answers UNAVAILABLE: nothing was sent that was not
/// signed.
/// </remarks>
public sealed class KmsSigner : ISigner
{
    /// <summary>How long a signature may take, all tries together.</summary>
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

    /// <summary>Asks for the public key, and with it whether the key can be used.</summary>
    /// <param name="kms">Stays the caller's.</param>
    /// <param name="keyId">The key's id, ARN or alias.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="InvalidDataException">The key is not one of secp256k1 for signatures.</exception>
    /// <exception cref="AmazonKeyManagementServiceException">KMS refuses it.</exception>
    /// <exception cref="TimeoutException">KMS did not answer within <see cref="Timeout"/>.</exception>
    public static async Task<KmsSigner> ConnectAsync(
        IAmazonKeyManagementService kms, string keyId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(kms);
        var key = await WithinAsync(token => kms.GetPublicKeyAsync(new GetPublicKeyRequest { KeyId = keyId }, token), cancellationToken);
        if (key.KeyUsage != KeyUsageType.SIGN_VERIFY) throw new InvalidDataException("the KMS key is not for signatures (SIGN_VERIFY)");

        // The ARN that came back: an alias may be moved to another key while this process runs.
        return new KmsSigner(kms, key.KeyId, DerKey.Read(key.PublicKey.ToArray()));
    }

    /// <inheritdoc/>
    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream(hash.ToArray());

        // The hash is Keccak's; KMS signs the 32 bytes as they are and does not mind that it calls them SHA-256.
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
