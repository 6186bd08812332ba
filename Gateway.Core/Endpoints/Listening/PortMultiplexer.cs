using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>An open port: accepts connections and sorts them into those of HTTP/2 and all others.</summary>
/// <remarks>Both sides end together. The socket closes first, then the undecided connections, then the sides see the end.</remarks>
internal sealed class PortMultiplexer : IAsyncDisposable
{
    private readonly Channel<ConnectionContext> http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> http2 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly IConnectionListener socket;
    private readonly OpenConnections? connections;
    private readonly UndecidedConnections undecided;
    private readonly ILogger logger;
    private readonly Task accepting;
    private readonly Lazy<Task> unbinding;
    private readonly Lazy<Task> disposing;

    internal PortMultiplexer(IConnectionListener socket, OpenConnections? connections, TimeProvider time, ILogger logger)
    {
        (this.socket, this.connections, this.logger) = (socket, connections, logger);
        undecided = new UndecidedConnections(http1.Writer, http2.Writer, time, logger);
        unbinding = new Lazy<Task>(StopAcceptingAsync);
        disposing = new Lazy<Task>(CloseAsync);
        accepting = AcceptAsync();
    }

    /// <summary>The sorted connections of one side; it completes after <see cref="UnbindAsync"/>.</summary>
    internal ChannelReader<ConnectionContext> Side(bool isHttp2) => (isHttp2 ? http2 : http1).Reader;

    /// <summary>Closes the socket. Either side may ask, and both wait for the same end.</summary>
    internal Task UnbindAsync() => unbinding.Value;

    public ValueTask DisposeAsync() => new(disposing.Value);

    private async Task AcceptAsync()
    {
        await Task.Yield();
        Exception? exception = null;
        try
        {
            while (await socket.AcceptAsync() is { } connection)
            {
                if (connections?.TryAdd(connection) != false) undecided.Add(connection);
                else _ = CloseAsync(connection);
            }
        }
        catch (Exception e)
        {
            ListeningLog.AcceptFailed(logger, exception = e, (socket.EndPoint as IPEndPoint)?.Port ?? 0);
        }

        await undecided.CloseAsync();
        http1.Writer.TryComplete(exception);
        http2.Writer.TryComplete(exception);
    }

    private static async Task CloseAsync(ConnectionContext connection)
    {
        connection.Abort(new ConnectionAbortedException("Too many connections are open."));
        await connection.DisposeAsync();
    }

    private async Task StopAcceptingAsync()
    {
        await socket.UnbindAsync();
        await accepting;
    }

    private async Task CloseAsync()
    {
        await UnbindAsync();
        await socket.DisposeAsync();
        foreach (var side in new[] { http1, http2 })
            while (side.Reader.TryRead(out var connection))
                await connection.DisposeAsync();
    }
}
