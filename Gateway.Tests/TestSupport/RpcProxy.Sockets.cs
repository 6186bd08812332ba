using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Tests.TestSupport;

public sealed partial class RpcProxy
{
    private CancellationTokenSource _cut = new();
    private int _sockets;

    /// <summary>Breaks every WebSocket off; new ones are taken.</summary>
    public async Task CutSocketsAsync()
    {
        using var old = Interlocked.Exchange(ref _cut, new CancellationTokenSource());
        await old.CancelAsync();
    }

    // Both ends go when one of them does.
    private async Task RelayAsync(HttpContext call)
    {
        using var chain = new ClientWebSocket();
        await chain.ConnectAsync(new UriBuilder(_target) { Scheme = "ws" }.Uri, call.RequestAborted);
        using var caller = await call.WebSockets.AcceptWebSocketAsync();
        Interlocked.Increment(ref _sockets);
        using var writing = new SemaphoreSlim(1);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(call.RequestAborted, _cut.Token);
        await Task.WhenAny(
            PumpAsync(caller, request => RequestAsync(request, chain, caller, writing, timeout.Token), timeout.Token),
            PumpAsync(chain, told => SendAsync(caller, Rewrite(told), writing, timeout.Token), timeout.Token));
        await timeout.CancelAsync();
        caller.Abort();
        chain.Abort();
    }

    private async Task RequestAsync(
        string request, ClientWebSocket chain, WebSocket caller, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        using var read = JsonDocument.Parse(request);
        var (method, id) = (read.RootElement.GetProperty("method").GetString()!, read.RootElement.GetProperty("id").GetRawText());
        var fault = SocketFault(method, read.RootElement.GetProperty("params"));
        if (fault is null) await chain.SendAsync(Encoding.UTF8.GetBytes(request), WebSocketMessageType.Text, true, cancellationToken);
        else if (fault.Length > 0)
            await SendAsync(caller, fault.Replace("\"id\":0", $"\"id\":{id}", StringComparison.Ordinal), writing, cancellationToken);
    }

    private static async Task SendAsync(WebSocket to, string message, SemaphoreSlim writing, CancellationToken cancellationToken)
    {
        if (message.Length == 0) return;
        await writing.WaitAsync(cancellationToken);
        try
        {
            await to.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, cancellationToken);
        }
        finally
        {
            writing.Release();
        }
    }

    private static async Task PumpAsync(WebSocket from, Func<string, Task> onMessage, CancellationToken cancellationToken)
    {
        var (buffer, message) = (new byte[64 << 10], new MemoryStream());
        try
        {
            while (await from.ReceiveAsync(buffer, cancellationToken) is { MessageType: WebSocketMessageType.Text } part)
            {
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                var text = Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length);
                message.SetLength(0);
                await onMessage(text);
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two ends is gone.
        }
    }
}
