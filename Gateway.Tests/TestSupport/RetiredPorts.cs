using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>
/// Keeps the ports of stopped endpoints until this process ends. A rate limit counts for an endpoint in the whole process,
/// so another server on the same port would be left alone for as long.
/// </summary>
internal static class RetiredPorts
{
    private static readonly ConcurrentDictionary<int, Socket> Kept = new();

    /// <summary>Keeps a port that nobody listens on any more.</summary>
    public static void Keep(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Bound and not listening: connections are refused, as before.
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            if (Kept.TryAdd(port, socket)) return;
        }
        catch (SocketException)
        {
            // Another process was quicker.
        }

        socket.Dispose();
    }

    /// <summary>Frees a port for a server that is started there again.</summary>
    public static void Free(int port)
    {
        if (Kept.TryRemove(port, out var socket)) socket.Dispose();
    }
}
