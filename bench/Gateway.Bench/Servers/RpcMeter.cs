using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>A JSON-RPC endpoint in front of a chain, over HTTP and WebSocket, that counts the requests.</summary>
internal sealed class RpcMeter : IAsyncDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly WebApplication _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Uri _http;
    private readonly Uri _socket;

    private RpcMeter(WebApplication server, Uri http, Uri socket)
    {
        _server = server;
        _http = http;
        _socket = socket;
    }

    /// <summary>The requests of both.</summary>
    public RpcCounts Counts { get; } = new();

    /// <summary>Where it listens, over HTTP.</summary>
    public Uri HttpUrl => new(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>Where it listens, over WebSocket.</summary>
    public Uri WebSocketUrl => new UriBuilder(HttpUrl) { Scheme = Uri.UriSchemeWs }.Uri;

    /// <summary>Starts one.</summary>
    /// <param name="http">The chain over HTTP.</param>
    /// <param name="socket">The chain over WebSocket.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<RpcMeter> StartAsync(Uri http, Uri socket, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var meter = new RpcMeter(builder.Build(), http, socket);
        meter._server.UseWebSockets();
        meter._server.Run(call => call.WebSockets.IsWebSocketRequest ? meter.RelayAsync(call) : meter.ForwardAsync(call));
        await meter._server.StartAsync(cancellationToken);
        return meter;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private async Task ForwardAsync(HttpContext call)
    {
        using var body = new MemoryStream();
        await call.Request.Body.CopyToAsync(body, call.RequestAborted);
        Counts.Add(body.ToArray());
        using var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await _client.PostAsync(_http, content, call.RequestAborted);
        call.Response.StatusCode = (int)answer.StatusCode;
        call.Response.ContentType = "application/json";
        call.Response.ContentLength = answer.Content.Headers.ContentLength;
        await answer.Content.CopyToAsync(call.Response.Body, call.RequestAborted);
    }

    private async Task RelayAsync(HttpContext call)
    {
        using var chain = new ClientWebSocket();
        chain.Options.Proxy = null;
        await chain.ConnectAsync(_socket, call.RequestAborted);
        using var caller = await call.WebSockets.AcceptWebSocketAsync();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(call.RequestAborted);
        Task[] both = [CopyAsync(caller, chain, Counts.Add, ending.Token), CopyAsync(chain, caller, _ => { }, ending.Token)];
        await Task.WhenAny(both);
        await ending.CancelAsync();
        await Task.WhenAll(both);
    }

    // Message by message, until one side closes or is gone. Never throws.
    private static async Task CopyAsync(WebSocket from, WebSocket to, Action<ReadOnlyMemory<byte>> see, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[BufferSize];
        try
        {
            while (true)
            {
                var read = await from.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (read.MessageType == WebSocketMessageType.Close) return;
                message.Write(buffer, 0, read.Count);
                if (!read.EndOfMessage) continue;
                see(message.ToArray());
                await to.SendAsync(message.ToArray(), read.MessageType, true, cancellationToken);
                message.SetLength(0);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // Both connections end.
        }
    }
}
