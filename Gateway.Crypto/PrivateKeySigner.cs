namespace Xmtp.Gateway.Crypto;

/// <summary>A signer with its key in this process's memory.</summary>
public sealed class PrivateKeySigner : ISigner
{
    /// <summary>Reads 64 hexadecimal digits with or without 0x.</summary>
    /// <param name="hex">The private key. It is in no error message.</param>
    /// <param name="signer">The signer.</param>
    /// <returns>False when the text is not a private key of the curve.</returns>
    public static bool TryParse(string? hex, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PrivateKeySigner? signer) => throw new NotImplementedException();

    /// <inheritdoc/>
    public EthereumAddress Address => throw new NotImplementedException();

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> PublicKey => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>As <see cref="SignAsync"/>, for the hot path that knows its key is local.</summary>
    public void Sign(ReadOnlySpan<byte> hash, Span<byte> signature) => throw new NotImplementedException();

    /// <summary>The address; never the key.</summary>
    public override string ToString() => Address.ToString();
}
