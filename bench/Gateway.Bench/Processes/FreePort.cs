using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Bench.Processes;

/// <summary>Finds a loopback port that nothing listens on, for programs that do not take port 0.</summary>
internal static class FreePort
{
    public static int Next()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
