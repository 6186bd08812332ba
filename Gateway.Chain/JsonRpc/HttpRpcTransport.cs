using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>JSON-RPC over HTTP: one POST per request, no redirects, no retries.</summary>
/// <remarks>
/// Thread-safe. The caller's token is the only time limit of a request: a client created here has no timeout except for
/// connecting. While an endpoint rate-limits, or has asked for a wait by Retry-After, no transport of this process with
/// its URL sends a request: calls fail at once with <see cref="RpcErrorKind.RateLimited"/> (after HTTP 5xx
/// <see cref="RpcErrorKind.Transport"/>) and <see cref="RpcError.IsUnsent"/>.
/// </remarks>
public sealed class HttpRpcTransport : IRpcTransport, IDisposable
{
    // Names the spans of requests, which all go to the same path: Gateway.ServiceDefaults reads it.
    private static readonly HttpRequestOptionsKey<string> MethodOption = new("rpc.method");

    // The method of a batch, in errors and spans.
    private const string Batch = "batch";

    // Of a body that is not a JSON-RPC response, so much is searched for words about a limit.
    private const int MaxPageBytes = 8 << 10;

    private readonly HttpClient _client;
    private readonly bool _ownsClient;
    private readonly Uri _url;
    private readonly AuthenticationHeaderValue? _credentials;
    private readonly EndpointPause _pause;
    private long _lastId;

    /// <summary>Creates a transport to <paramref name="url"/>, with a client of its own or the caller's.</summary>
    /// <param name="url">http or https; may contain credentials.</param>
    /// <param name="client">The caller's client, which is not disposed here; it should not follow redirects.</param>
    public HttpRpcTransport(Uri url, HttpClient? client = null)
    {
        if (url.Scheme is not ("http" or "https")) throw new ArgumentException("the URL must be http or https", nameof(url));
        _url = url;
        _client = client ?? NewClient();
        _ownsClient = client is null;
        _credentials = BasicCredentials.Of(url);
        _pause = EndpointPause.Of(url);
        Endpoint = RedactedUrl.Of(url);
    }

    /// <summary>
    /// The largest response that is read, in bytes. Default 64 MiB; a larger response to a log query is
    /// <see cref="RpcErrorKind.RangeTooLarge"/>.
    /// </summary>
    public int MaxAnswerBytes { get; init; } = 64 << 20;

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <summary>
    /// Grows with each request that the endpoint answers, whichever transport of this process with this URL sent it. An answer
    /// is a result, or an error that the chain itself decided on, such as a revert.
    /// </summary>
    public long Answered => _pause.Answered;

    /// <summary>
    /// Whether a request was sent after the newest one that was answered, by any transport of this process with this URL: it is
    /// in flight, or the endpoint failed it.
    /// </summary>
    public bool HasUnanswered => _pause.HasUnanswered;

    /// <summary>
    /// How many requests the endpoint failed since the process started, by kind and without the kinds that are 0: of all
    /// transports of this process with this URL. What the chain itself decided on, such as a revert, is no failure; a request that
    /// was not sent, or whose caller left, is none either.
    /// </summary>
    public IReadOnlyDictionary<RpcErrorKind, long> Failures => _pause.Failures;

    /// <inheritdoc/>
    public Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        SendAsync(method, BodyOf(method, parameters), response => ReadAsync(method, response, cancellationToken), cancellationToken);

    /// <summary>
    /// As <see cref="SendAsync(string, IReadOnlyList{object}, CancellationToken)"/>, for a result that is a list: it is read item by
    /// item while it arrives, so that only what <paramref name="readItem"/> makes of it is kept.
    /// </summary>
    /// <param name="method">Such as <c>eth_getLogs</c>.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="readItem">Reads an item; null leaves it out. Throws <see cref="FormatException"/> when it is none.</param>
    /// <param name="cancellationToken">Cancels the wait with <see cref="OperationCanceledException"/>.</param>
    internal Task<RpcResult<IReadOnlyList<T>>> ListAsync<T>(
        string method, IReadOnlyList<object?> parameters, Func<JsonElement, T?> readItem, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(
            method,
            BodyOf(method, parameters),
            response => ReadListAsync(method, response, readItem, cancellationToken),
            cancellationToken);

    /// <summary>Sends requests in one body, once, and waits for their responses.</summary>
    /// <returns>
    /// The answers in the order of the requests, null for one that is missing; or an error, of another kind than
    /// <see cref="RpcErrorKind.Transport"/> and <see cref="RpcErrorKind.RateLimited"/> where the endpoint serves no batches.
    /// </returns>
    internal Task<RpcResult<RpcResult<JsonElement>?[]>> SendBatchAsync(IReadOnlyList<RpcCall> calls, CancellationToken cancellationToken)
    {
        var firstId = Interlocked.Add(ref _lastId, calls.Count) - calls.Count + 1;
        return SendAsync(
            Batch,
            RpcRequest.Write(firstId, calls),
            response => ReadBatchAsync(calls, firstId, response, cancellationToken),
            cancellationToken);
    }

    /// <summary>Counts a request that was given up because no answer came in time.</summary>
    internal void CountTimeout() => _pause.CountFailed(RpcErrorKind.Transport);

    /// <summary>Closes the connections of a client created here.</summary>
    public void Dispose()
    {
        if (_ownsClient) _client.Dispose();
    }

    private async Task<RpcResult<T>> SendAsync<T>(
        string method,
        ReadOnlyMemory<byte> body,
        Func<HttpResponseMessage, Task<RpcResult<T>>> read,
        CancellationToken cancellationToken)
    {
        if (_pause.Refuse(method, Endpoint) is { } refused) return refused;
        using var content = new RequestContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = content };
        request.Headers.Authorization = _credentials;
        request.Options.Set(MethodOption, method);
        var number = _pause.CountSent();
        try
        {
            using var response = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            var answer = await read(response).ConfigureAwait(false);
            if (IsAnswer(answer.Error)) _pause.CountAnswered(number);
            if (answer.Error is { } failed && !IsDecision(failed)) _pause.CountFailed(failed.Kind);
            return _pause.Observe(answer.Error) is { } error ? error : answer;
        }
        catch (HttpRequestException exception)
        {
            _pause.CountFailed(RpcErrorKind.Transport);
            return RpcError.Transport(
                method, $"{Endpoint} did not answer ({exception.HttpRequestError})", (int?)exception.StatusCode ?? 0) with
            {
                IsUnsent = !content.HasLeft,
            };
        }
        catch (SocketException exception)
        {
            // HttpClient does not wrap this exception when a connection is reset between its handshake and its first
            // use.
            _pause.CountFailed(RpcErrorKind.Transport);
            return RpcError.Transport(method, $"{Endpoint} did not answer ({exception.SocketErrorCode})") with
            {
                IsUnsent = !content.HasLeft,
            };
        }
        catch (IOException)
        {
            _pause.CountFailed(RpcErrorKind.Transport);
            return RpcError.Transport(method, $"{Endpoint} ended its answer early");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _pause.CountFailed(RpcErrorKind.Transport);
            return RpcError.Transport(method, $"{Endpoint} did not answer within the client timeout") with { IsUnsent = !content.HasLeft };
        }
    }

    private ReadOnlyMemory<byte> BodyOf(string method, IReadOnlyList<object?> parameters) =>
        RpcRequest.Write(Interlocked.Increment(ref _lastId), method, parameters);

    private static bool IsAnswer(RpcError? error) => error is null
        || error.Kind is RpcErrorKind.Reverted or RpcErrorKind.AlreadyKnown or RpcErrorKind.NonceTooLow or RpcErrorKind.Underpriced;

    private static bool IsDecision(RpcError error) =>
        IsAnswer(error) || error.Kind is RpcErrorKind.NonceTooHigh or RpcErrorKind.InsufficientFunds;

    private static HttpClient NewClient() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    // The status overrides the error text where it is more precise: rate limiters and reverse proxies use texts of
    // their own.
    private static RpcResult<JsonElement> Read(string method, HttpResponseMessage response, ReadOnlySpan<byte> body)
    {
        var (status, answer) = ((int)response.StatusCode, RpcResponse.Read(method, body));
        var isNoAnswer = answer.Error is { Kind: RpcErrorKind.Malformed };
        var isLimitPage = isNoAnswer && IsLimitPage(body);
        if (status is >= 200 and < 300) return isLimitPage ? LimitPage(method, response) : answer;
        var failure = answer.Error is { } error && !isNoAnswer
            ? error
            : new RpcError(method, RpcErrorKind.Transport, status, $"HTTP status {status}");
        var retryAfter = RetryAfter.Of(response);
        // A client error that ends by itself is a limit.
        var endsByItself = retryAfter is not null
            && status is >= 400 and < 500 and not (401 or 404 or 405)
            && failure.Kind is RpcErrorKind.Transport or RpcErrorKind.Other;
        if (isLimitPage || status is 402 or 429 || endsByItself) failure = failure with { Kind = RpcErrorKind.RateLimited };
        else if (status >= 500 && failure.Kind == RpcErrorKind.Other) failure = failure with { Kind = RpcErrorKind.Transport };
        return failure with { RetryAfter = retryAfter, HttpStatus = status };
    }

    private async Task<RpcResult<JsonElement>> ReadAsync(string method, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        return body is { } utf8 ? Read(method, response, utf8.Span) : TooLarge(method);
    }

    private async Task<RpcResult<RpcResult<JsonElement>?[]>> ReadBatchAsync(
        IReadOnlyList<RpcCall> calls, long firstId, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await ReadBodyAsync(response, cancellationToken).ConfigureAwait(false);
        if (body is not { } utf8) return TooLarge(Batch);
        if (response.IsSuccessStatusCode && RpcBatchResponse.Read(calls, firstId, utf8.Span) is { } answers) return answers;
        return Read(Batch, response, utf8.Span).Error ?? RpcError.Malformed(Batch, "the answer to a batch is not a list");
    }

    // Another status than success is an error, whatever the body is.
    private async Task<RpcResult<IReadOnlyList<T>>> ReadListAsync<T>(
        string method, HttpResponseMessage response, Func<JsonElement, T?> readItem, CancellationToken cancellationToken)
        where T : class
    {
        if (!response.IsSuccessStatusCode) return (await ReadAsync(method, response, cancellationToken).ConfigureAwait(false)).Error!;
        if (response.Content.Headers.ContentLength > MaxAnswerBytes) return TooLarge(method);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using var disposal = stream.ConfigureAwait(false);
        using var reader = new RpcListReader<T>(method, readItem);
        for (long all = 0; ;)
        {
            var read = await stream.ReadAsync(reader.Space(), cancellationToken).ConfigureAwait(false);
            if (read == 0) break;
            all += read;
            if (all > MaxAnswerBytes) return TooLarge(method);
            reader.Advance(read);
        }

        var answer = reader.Complete();
        return answer.Error is { Kind: RpcErrorKind.Malformed } && !reader.HasResult && IsLimitPage(reader.Beginning)
            ? LimitPage(method, response)
            : answer;
    }

    private static bool IsLimitPage(ReadOnlySpan<byte> body) =>
        RpcErrorWords.IsLimit(Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxPageBytes)]));

    private static RpcError LimitPage(string method, HttpResponseMessage response) =>
        new(method, RpcErrorKind.RateLimited, (int)response.StatusCode, "the answer is a page about a limit");

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
