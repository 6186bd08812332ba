using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A remote signer: something happens each time before it signs, and that may fail.</summary>
/// <param name="signer">The key.</param>
/// <param name="before">Gets the number of the signature, from 1.</param>
public sealed class SignerWithHook(ISigner signer, Func<int, Task> before) : ISigner
{
    private int _count;

    public EthereumAddress Address => signer.Address;

    public ReadOnlyMemory<byte> PublicKey => signer.PublicKey;

    /// <summary>How many signatures were asked for.</summary>
    public int Count => Volatile.Read(ref _count);

    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        await before(Interlocked.Increment(ref _count));
        await signer.SignAsync(hash, signature, cancellationToken);
    }

    /// <summary>Fails at these signatures.</summary>
    public static SignerWithHook FailingAt(ISigner signer, params int[] numbers) =>
        new(signer, number => numbers.Contains(number) ? throw new HttpRequestException("the key service is down") : Task.CompletedTask);
}
