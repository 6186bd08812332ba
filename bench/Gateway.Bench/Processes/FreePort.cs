using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>Finds loopback ports that nothing listens on, for programs that do not take port 0, or start again on their port.</summary>
/// <remarks>
/// They are below the range from which systems choose a port for port 0 and for outgoing connections, from 32768 on: no other
/// socket gets one before its program listens on it, or while that program is restarted. A process returns each once, and
/// processes begin with different ones.
/// </remarks>
internal static class FreePort
{
    private const int First = 12_000;
    private const int Count = 20_000;

    private static int _last = RandomNumberGenerator.GetInt32(Count);

    /// <summary>Returns a port. Thread-safe.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _last) % Count);
            if (IsFree(port)) return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
