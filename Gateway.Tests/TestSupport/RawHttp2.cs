using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xmtp.Gateway.Tests.Endpoints;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>An HTTP/2 connection in plaintext whose frames are written by hand, for clients that do what libraries do not.</summary>
internal sealed class RawHttp2 : IDisposable
{
    internal const byte Data = 0;
    internal const byte Headers = 1;
    internal const byte ResetStream = 3;
    internal const byte Settings = 4;
    internal const byte WindowUpdate = 8;
    internal const byte EndOfStream = 1;
    private const byte EndOfHeaders = 4;
    private const int HeadSize = 9;

    private readonly TcpClient _client = new() { NoDelay = true };

    private RawHttp2()
    {
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Connects and sends settings: those given, as 2 bytes of id and 4 of value each.</summary>
    internal static async Task<RawHttp2> ConnectAsync(IPEndPoint server, params byte[] settings)
    {
        var connection = new RawHttp2();
        await connection._client.ConnectAsync(server, Cancel);
        await connection.SendAsync([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8], Frame(Settings, 0, 0, settings));
        return connection;
    }

    /// <summary>The number of the stream of a call, from 0.</summary>
    internal static uint StreamOf(int call) => (uint)((2 * call) + 1);

    /// <summary>
    /// The headers of a publish. HPACK: the method and the scheme by their number in the static table, the others by the number of
    /// their name.
    /// </summary>
    internal static byte[] Post(uint stream, string contentType) => Frame(
        Headers,
        EndOfHeaders,
        stream,
        [0x83, 0x86, 0x01, .. Text("a"), 0x04, .. Text(RawConnection.Publish), 0x0F, 0x10, .. Text(contentType)]);

    internal static byte[] Frame(byte type, byte flags, uint stream, byte[] payload)
    {
        var head = new byte[HeadSize];
        BinaryPrimitives.WriteInt32BigEndian(head, payload.Length << 8);
        head[3] = type;
        head[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(5), stream);
        return [.. head, .. payload];
    }

    /// <summary>Sends frames in one piece.</summary>
    internal async Task SendAsync(params byte[][] frames) =>
        await _client.GetStream().WriteAsync((byte[])[.. frames.SelectMany(frame => frame)], Cancel);

    /// <summary>Reads the next frame, until the token is cancelled.</summary>
    internal async Task<(byte Type, byte Flags, uint Stream, byte[] Payload)> ReadAsync(CancellationToken cancel)
    {
        var (stream, head) = (_client.GetStream(), new byte[HeadSize]);
        await stream.ReadExactlyAsync(head, cancel);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
        await stream.ReadExactlyAsync(payload, cancel);
        return (head[3], head[4], BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(5)), payload);
    }

    public void Dispose() => _client.Dispose();

    private static byte[] Text(string value) => [(byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
