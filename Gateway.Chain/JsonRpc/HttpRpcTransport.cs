using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>JSON-RPC over HTTP: one POST a request, no redirects, no retries.</summary>
/// <remarks>Thread-safe. The caller's token is the only clock: a client of our own has no timeout of its own.</remarks>
public sealed class HttpRpcTransport : IRpcTransport, IDisposable
{
    private readonly HttpClient client;
    private readonly bool ownsClient;
    private readonly Uri url;
    private readonly AuthenticationHeaderValue? credentials;
    private long lastId;

    /// <summary>Talks to <paramref name="url"/> through a client of its own, or through the caller's.</summary>
    /// <param name="url">http or https; may hold credentials.</param>
    /// <param name="client">The caller's client, which stays the caller's; it should not follow redirects.</param>
    public HttpRpcTransport(Uri url, HttpClient? client = null)
    {
        if (url.Scheme is not ("http" or "https")) throw new ArgumentException("the URL must be http or https", nameof(url));
        this.url = url;
        this.client = client ?? NewClient();
        ownsClient = client is null;
        credentials = BasicCredentials.Of(url);
        Endpoint = RedactedUrl.Of(url);
    }

    /// <summary>The largest answer that is read, in bytes. Default 64 MiB; a larger one to a log query is <see cref="RpcErrorKind.RangeTooLarge"/>.</summary>
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <inheritdoc/>
    public async Task<RpcResult<JsonElement>> SendAsync(string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken)
    {
        using var request = NewRequest(RpcRequest.Write(Interlocked.Increment(ref lastId), method, parameters));
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var body = await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
            return body is { } utf8 ? Read(method, response.StatusCode, utf8.Span) : TooLarge(method);
        }
        catch (HttpRequestException error)
        {
            return RpcError.Transport(method, $"{Endpoint} did not answer ({error.HttpRequestError})", (int?)error.StatusCode ?? 0);
        }
        catch (IOException)
        {
            return RpcError.Transport(method, $"{Endpoint} broke off its answer");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RpcError.Transport(method, $"{Endpoint} did not answer in the client's time");
        }
    }

    /// <summary>Closes the connections of a client of its own.</summary>
    public void Dispose()
    {
        if (ownsClient) client.Dispose();
    }

    private static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private static RpcResult<JsonElement> Read(string method, HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        var answer = RpcResponse.Read(method, body);
        var isAnswer = answer.Error?.Kind != RpcErrorKind.Malformed;
        if ((int)status is >= 200 and < 300 || (isAnswer && !answer.IsOk)) return answer;
        var kind = status == HttpStatusCode.TooManyRequests ? RpcErrorKind.RateLimited : RpcErrorKind.Transport;
        return new RpcError(method, kind, (int)status, $"HTTP status {(int)status}");
    }

    private HttpRequestMessage NewRequest(ReadOnlyMemory<byte> json)
    {
        var content = new ReadOnlyMemoryContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = content };
        request.Headers.Authorization = credentials;
        return request;
    }

    private async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentLength > MaxAnswerBytes) return null;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = stream.ConfigureAwait(false);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(4096);
        while (true)
        {
            var read = await stream.ReadAsync(buffer.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (read == 0) return buffer.WrittenMemory;
            buffer.Advance(read);
            if (buffer.WrittenCount > MaxAnswerBytes) return null;
        }
    }

    private RpcError TooLarge(string method) => new(
        method,
        method == "eth_getLogs" ? RpcErrorKind.RangeTooLarge : RpcErrorKind.Malformed,
        0,
        $"the answer is larger than {MaxAnswerBytes} bytes");
}
