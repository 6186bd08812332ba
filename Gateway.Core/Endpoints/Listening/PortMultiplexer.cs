using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>An open port: accepts connections and sorts them into HTTP/2 and all others.</summary>
/// <remarks>
/// Both sides end together. The socket closes first, then the undecided connections, then both sides complete.
/// </remarks>
internal sealed class PortMultiplexer : IAsyncDisposable
{
    private readonly Channel<ConnectionContext> _http1 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly Channel<ConnectionContext> _http2 = Channel.CreateUnbounded<ConnectionContext>();
    private readonly IConnectionListener _socket;
    private readonly OpenConnections? _connections;
    private readonly UndecidedConnections _undecided;
    private readonly ILogger _logger;
    private readonly Task _accepting;
    private readonly Lazy<Task> _unbinding;
    private readonly Lazy<Task> _disposing;

    internal PortMultiplexer(IConnectionListener socket, OpenConnections? connections, TimeProvider time, ILogger logger)
    {
        _socket = socket;
        _connections = connections;
        _logger = logger;
        _undecided = new UndecidedConnections(_http1.Writer, _http2.Writer, time, logger);
        _unbinding = new Lazy<Task>(StopAcceptingAsync);
        _disposing = new Lazy<Task>(CloseAsync);
        _accepting = AcceptAsync();
    }

    /// <summary>The sorted connections of one side; it completes after <see cref="UnbindAsync"/>.</summary>
    internal ChannelReader<ConnectionContext> Side(bool isHttp2) => (isHttp2 ? _http2 : _http1).Reader;

    /// <summary>Closes the socket. Either side may call it, and both wait for the same end.</summary>
    internal Task UnbindAsync() => _unbinding.Value;

    public ValueTask DisposeAsync() => new(_disposing.Value);

    private async Task AcceptAsync()
    {
        await Task.Yield();
        Exception? failure = null;
        try
        {
            while (await _socket.AcceptAsync().ConfigureAwait(false) is { } connection)
            {
                if (_connections?.TryAdd(connection) != false) _undecided.Add(connection);
                else _ = CloseAsync(connection);
            }
        }
        catch (Exception exception)
        {
            ListeningLog.AcceptFailed(_logger, failure = exception, (_socket.EndPoint as IPEndPoint)?.Port ?? 0);
        }

        await _undecided.CloseAsync().ConfigureAwait(false);
        _http1.Writer.TryComplete(failure);
        _http2.Writer.TryComplete(failure);
    }

    private static async Task CloseAsync(ConnectionContext connection)
    {
        connection.Abort(new ConnectionAbortedException("Too many connections are open."));
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StopAcceptingAsync()
    {
        await _socket.UnbindAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
    }

    private async Task CloseAsync()
    {
        await UnbindAsync().ConfigureAwait(false);
        await _socket.DisposeAsync().ConfigureAwait(false);
        foreach (var side in new[] { _http1, _http2 })
            while (side.Reader.TryRead(out var connection))
                await connection.DisposeAsync().ConfigureAwait(false);
    }
}
