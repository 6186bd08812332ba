using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Accepted connections whose HTTP version is not known yet. Each has a timeout of 10 s; at most 4,096 wait.
/// </summary>
/// <remarks>
/// When one more arrives, the one that has waited longest is closed: a real client sends its first bytes within a round
/// trip, so a flood of silent peers displaces its own connections.
/// </remarks>
internal sealed class UndecidedConnections(
    ChannelWriter<ConnectionContext> http1, ChannelWriter<ConnectionContext> http2, TimeProvider time, ILogger logger)
{
    /// <summary>The timeout for a peer's first bytes.</summary>
    internal static TimeSpan DecisionTimeout { get; } = TimeSpan.FromSeconds(10);

    private const int MaxConnections = 4096;
    private readonly LinkedList<Waiting> _waiting = new();

    /// <summary>Adds a new connection. Never waits for the peer.</summary>
    internal void Add(ConnectionContext connection)
    {
        var item = new Waiting(connection, new CancellationTokenSource(DecisionTimeout, time));
        Waiting? oldest = null;
        lock (_waiting)
        {
            _waiting.AddLast(item.Node = new LinkedListNode<Waiting>(item));
            if (_waiting.Count > MaxConnections) oldest = _waiting.First!.Value;
        }

        oldest?.GiveUp();
        item.Sorting = SortAsync(item);
    }

    /// <summary>Closes those that still wait. Called when no more are added.</summary>
    internal async Task CloseAsync()
    {
        Waiting[] all;
        lock (_waiting) all = [.. _waiting];
        foreach (var item in all) item.GiveUp();
        await Task.WhenAll(all.Select(item => item.Sorting)).ConfigureAwait(false);
    }

    private async Task SortAsync(Waiting item)
    {
        var connection = item.Connection;
        bool? isHttp2 = null;
        try
        {
            isHttp2 = await Http2Preface.DetectAsync(connection.Transport.Input, item.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException)
        {
            ListeningLog.SentNothing(logger, connection.ConnectionId);
        }
        finally
        {
            Remove(item);
        }

        if (isHttp2 is { } two && (two ? http2 : http1).TryWrite(connection)) return;
        connection.Abort(new ConnectionAbortedException("The HTTP version of the connection was not detected."));
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private void Remove(Waiting item)
    {
        lock (_waiting)
            if (item.Node!.List is not null) _waiting.Remove(item.Node);
        item.Dispose();
    }

    private sealed class Waiting(ConnectionContext connection, CancellationTokenSource timeout) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _disposed;

        internal ConnectionContext Connection => connection;

        internal LinkedListNode<Waiting>? Node { get; set; }

        internal Task Sorting { get; set; } = Task.CompletedTask;

        internal CancellationToken Token { get; } = timeout.Token;

        internal void GiveUp()
        {
            lock (_gate)
                if (!_disposed) timeout.CancelAsync();
        }

        public void Dispose()
        {
            lock (_gate) _disposed = true;
            timeout.Dispose();
        }
    }
}
