using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The open connections of a node, so that a kill can reset them at once.</summary>
internal sealed class NodeConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();

    /// <summary>Runs a connection and tracks it while it is open.</summary>
    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        _open.TryAdd(connection, true);
        try
        {
            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    }

    /// <summary>Resets all connections.</summary>
    public void Abort()
    {
        foreach (var connection in _open.Keys) connection.Abort(new ConnectionAbortedException("the node was killed"));
    }
}
