using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>Asks a server what it has allocated since it started; <see cref="StartupHook"/> answers.</summary>
internal static class AllocationReader
{
    /// <returns>Bytes.</returns>
    public static async Task<long> ReadAsync(int port, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var bytes = new byte[8];
        await connection.GetStream().ReadExactlyAsync(bytes, cancellationToken);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
