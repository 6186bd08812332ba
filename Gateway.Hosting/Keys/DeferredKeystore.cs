using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>
/// The key of an encrypted key file that is opened at its first use; until then only the address that the file names is known.
/// </summary>
/// <remarks>Thread-safe. Of all files of the process two are opened at a time, since each takes up to 512 MiB.</remarks>
/// <param name="address">The address that the file names.</param>
/// <param name="read">Opens the file, which may take seconds.</param>
internal sealed class DeferredKeystore(EthereumAddress address, Func<PayerKey> read) : ISigner
{
    private const int MaxOpening = 2;
    private static readonly SemaphoreSlim Opening = new(MaxOpening);

    private volatile ISigner? _opened;

    /// <inheritdoc/>
    public EthereumAddress Address => address;

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => _opened?.PublicKey ?? throw new InvalidOperationException("the key was not opened");

    /// <summary>Opens the file, unless it is open.</summary>
    /// <returns>The key.</returns>
    /// <exception cref="GatewayStartException">The file cannot be used, or has the key of another address.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before it was its turn.</exception>
    public async ValueTask<ISigner> OpenAsync(CancellationToken cancellationToken)
    {
        if (_opened is { } open) return open;
        await Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _opened ??= await Task.Run(Read, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            Opening.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        var signer = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await signer.SignAsync(hash, signature, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The address; never the key.</summary>
    public override string ToString() => Address.ToString();

    private ISigner Read()
    {
        var key = read();
        if (key.Signer is not { } signer) throw new GatewayStartException(key.Faults);
        return signer.Address == address
            ? signer
            : throw new GatewayStartException([$"{key.Setting}: it has the key of {signer.Address} now; expected that of {address}"]);
    }
}
