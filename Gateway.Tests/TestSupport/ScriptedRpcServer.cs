using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A JSON-RPC endpoint that answers what a test says, for what a real one does too seldom: a real server on loopback.</summary>
public sealed class ScriptedRpcServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedRpcServer(WebApplication app) => _app = app;

    public Uri HttpUrl => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public Uri WebSocketUrl => new UriBuilder(HttpUrl) { Scheme = "ws" }.Uri;

    /// <summary>Answers POSTs by hand.</summary>
    public static Task<ScriptedRpcServer> OverHttpAsync(RequestDelegate answer) => StartAsync(app => app.Run(answer));

    /// <summary>Answers POSTs and WebSocket handshakes by hand.</summary>
    public static Task<ScriptedRpcServer> OverBothAsync(RequestDelegate answer) => StartAsync(app =>
    {
        app.UseWebSockets();
        app.Run(answer);
    });

    /// <summary>Answers POSTs with an <c>error</c> member, or with a <c>result</c>.</summary>
    public static Task<ScriptedRpcServer> AnsweringAsync(string member, string json, int status = 200) => OverHttpAsync(context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync($$"""{"jsonrpc":"2.0","id":1,"{{member}}":{{json}}}""");
    });

    /// <summary>Sends the messages that <paramref name="answer"/> gives for each request, in their order.</summary>
    public static Task<ScriptedRpcServer> OverWebSocketAsync(Func<string, long, IEnumerable<string>> answer) => StartAsync(app =>
    {
        app.UseWebSockets();
        app.Run(async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await ServeAsync(socket, answer, context.RequestAborted);
        });
    });

    public async ValueTask DisposeAsync()
    {
        var port = HttpUrl.Port;
        await _app.DisposeAsync();
        RetiredPorts.Keep(port);
    }

    private static async Task<ScriptedRpcServer> StartAsync(Action<WebApplication> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        configure(app);
        await app.StartAsync();
        return new ScriptedRpcServer(app);
    }

    private static async Task ServeAsync(
        WebSocket socket, Func<string, long, IEnumerable<string>> answer, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await socket.ReceiveAsync(buffer, cancellationToken) is { MessageType: WebSocketMessageType.Text } part)
            {
                using var request = JsonDocument.Parse(buffer.AsMemory(0, part.Count));
                var messages = answer(
                    request.RootElement.GetProperty("method").GetString()!, request.RootElement.GetProperty("id").GetInt64());
                foreach (var message in messages)
                    await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, cancellationToken);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            // The caller is gone.
        }
    }
}
