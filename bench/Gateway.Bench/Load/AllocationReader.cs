using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Bench.Load;

/// <summary>Asks a server for the figures of its memory; <see cref="StartupHook"/> answers.</summary>
internal static class AllocationReader
{
    /// <summary>What it has allocated since it started.</summary>
    /// <returns>Bytes.</returns>
    public static async Task<long> ReadAsync(int port, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var bytes = new byte[8];
        await connection.GetStream().ReadExactlyAsync(bytes, cancellationToken);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    /// <summary>What is on its managed heap after a full collection, which it makes now.</summary>
    /// <returns>Bytes.</returns>
    public static async Task<long> ReadHeapAsync(int port, CancellationToken cancellationToken)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        var (stream, bytes) = (connection.GetStream(), new byte[8]);
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        await stream.WriteAsync(bytes.AsMemory(0, 1), cancellationToken);
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
