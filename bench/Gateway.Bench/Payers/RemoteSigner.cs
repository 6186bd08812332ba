using System.Net;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>A payer's key in a <see cref="SigningServer"/>. It waits for the answer as long as the caller does.</summary>
/// <param name="service">Where the service signs.</param>
/// <param name="publicKey">The public key, 65 bytes.</param>
internal sealed class RemoteSigner(Uri service, byte[] publicKey) : ISigner, IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public EthereumAddress Address { get; } = EthereumAddress.FromPublicKey(publicKey);

    public ReadOnlyMemory<byte> PublicKey => publicKey;

    public async ValueTask SignAsync(ReadOnlyMemory<byte> hash, Memory<byte> signature, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, service)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ReadOnlyMemoryContent(hash),
        };
        using var answer = await _http.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        var signed = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (signed.Length != SigningServer.SignatureSize) throw new InvalidDataException("the service gave no signature");
        signed.CopyTo(signature);
    }

    public void Dispose() => _http.Dispose();
}
