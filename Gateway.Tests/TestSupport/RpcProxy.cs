using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// A JSON-RPC endpoint in front of a real chain, over HTTP and WebSocket, with faults between: a real server on a real
/// socket. <see cref="RpcFaultModes"/> has what providers do.
/// </summary>
public sealed partial class RpcProxy : IAsyncDisposable
{
    /// <summary>The method of a batch to <see cref="Reply"/>.</summary>
    public const string Batch = "batch";

    private readonly WebApplication _server;
    private readonly HttpClient _client = new();
    private readonly Uri _target;
    private int _batches;

    private RpcProxy(WebApplication server, Uri target)
    {
        _server = server;
        _target = target;
    }

    /// <summary>A fault: gets the method and how to ask the chain; answers a body, or null to break the connection off.</summary>
    public Func<string, JsonElement, Func<Task<string>>, Task<string?>> Fault { get; set; } = (_, _, forward) => Pass(forward);

    /// <summary>An answer of the HTTP server's own, by the method; null to go on with <see cref="Fault"/>.</summary>
    public Func<string, RpcReply?> Reply { get; set; } = _ => null;

    /// <summary>As <see cref="Reply"/>, by the method and its parameters.</summary>
    public Func<string, JsonElement, RpcReply?> ReplyTo { get; set; } = (_, _) => null;

    /// <summary>Changes what the chain answered or told, over HTTP and WebSocket; over WebSocket an empty text is not passed on.</summary>
    public Func<string, string> Rewrite { get; set; } = answer => answer;

    /// <summary>
    /// What happens to a request over a WebSocket: null sends it on, a text is the answer (with id 0), an empty one is
    /// none.
    /// </summary>
    public Func<string, JsonElement, string?> SocketFault { get; set; } = (_, _) => null;

    public Uri Url => new(_server.Urls.Single());

    public Uri WebSocketUrl => new UriBuilder(Url) { Scheme = "ws" }.Uri;

    /// <summary>How often each method was asked, over HTTP, in batches too.</summary>
    public ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>How many batches were answered.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>How many WebSockets were taken.</summary>
    public int Sockets => Volatile.Read(ref _sockets);

    /// <summary>How many requests came, over HTTP.</summary>
    public int Requests => Asked.Values.Sum();

    public static async Task<RpcProxy> StartAsync(Uri target, int port = 0)
    {
        RetiredPorts.Free(port);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
        var proxy = new RpcProxy(builder.Build(), target);
        proxy._server.UseWebSockets();
        proxy._server.Run(call => call.WebSockets.IsWebSocketRequest ? proxy.RelayAsync(call) : proxy.ServeAsync(call));
        await proxy._server.StartAsync();
        return proxy;
    }

    public static async Task<string?> Pass(Func<Task<string>> forward) => await forward();

    /// <summary>An error answer.</summary>
    public static Task<string?> Error(int code, string message) =>
        Task.FromResult<string?>(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, error = new { code, message } }));

    /// <summary>A result.</summary>
    public static Task<string?> Result(string result) =>
        Task.FromResult<string?>(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, result }));

    public async ValueTask DisposeAsync()
    {
        var port = Url.Port;
        await _server.DisposeAsync();
        RetiredPorts.Keep(port);
        _client.Dispose();
    }

    private async Task ServeAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        using var request = JsonDocument.Parse(body.ToArray());
        var root = request.RootElement;
        var isBatch = root.ValueKind == JsonValueKind.Array;
        foreach (var one in isBatch ? [.. root.EnumerateArray()] : new[] { root }) Count(MethodOf(one));
        if ((isBatch ? Reply(Batch) : ReplyOf(root)) is { } reply)
        {
            call.Response.StatusCode = reply.Status;
            if (reply.RetryAfter is not null) call.Response.Headers.RetryAfter = reply.RetryAfter;
            call.Response.ContentType = reply.Body.StartsWith('{') ? "application/json" : "text/html";
            await call.Response.WriteAsync(reply.Body);
            return;
        }

        var answer = isBatch ? await AnswerAllAsync(root) : await AnswerAsync(root);
        if (answer is null)
        {
            call.Abort();
            return;
        }

        call.Response.ContentType = "application/json";
        await call.Response.WriteAsync(answer);
    }

    private RpcReply? ReplyOf(JsonElement request) => Reply(MethodOf(request)) ?? ReplyTo(MethodOf(request), request.GetProperty("params"));

    private static string MethodOf(JsonElement request) => request.GetProperty("method").GetString()!;

    private void Count(string method) => Asked.AddOrUpdate(method, 1, (_, count) => count + 1);

    // Each request is answered as if it were alone; those without an answer are left out.
    private async Task<string?> AnswerAllAsync(JsonElement batch)
    {
        Interlocked.Increment(ref _batches);
        var answers = await Task.WhenAll(batch.EnumerateArray().Select(AnswerAsync));
        return $"[{string.Join(',', answers.Where(answer => answer is not null))}]";
    }

    // Faults do not know the id of the request that they answer.
    private async Task<string?> AnswerAsync(JsonElement request)
    {
        var body = Encoding.UTF8.GetBytes(request.GetRawText());
        var answer = await Fault(MethodOf(request), request.GetProperty("params"), () => ForwardAsync(body));
        return answer?.Replace("\"id\":0", $"\"id\":{request.GetProperty("id").GetRawText()}", StringComparison.Ordinal);
    }

    private async Task<string> ForwardAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        using var response = await _client.PostAsync(_target, content);
        return Rewrite(await response.Content.ReadAsStringAsync());
    }
}

/// <summary>An answer of an HTTP server or of an edge in front of it.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">JSON or a page.</param>
/// <param name="RetryAfter">The header Retry-After; null for none.</param>
public sealed record RpcReply(int Status, string Body, string? RetryAfter = null);
