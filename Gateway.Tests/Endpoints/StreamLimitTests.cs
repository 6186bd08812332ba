using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>How many calls one HTTP/2 connection may have open, for a client that follows no setting: frames by hand.</summary>
public class StreamLimitTests
{
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte EndOfHeaders = 4;
    private const uint RefusedStream = 7;
    private const ushort MaxConcurrentStreams = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null, 256)]
    [InlineData(3, 3)]
    public async Task The_limit_is_announced_and_the_first_call_above_it_is_refused(int? configured, int limit)
    {
        // The bodies never come: no rule on slow ones may end a call meanwhile.
        await using var gateway = await TestGateway.StartAsync(
            api => api.MaxStreamsPerConnection = configured ?? api.MaxStreamsPerConnection,
            services => services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null));
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Addresses.Main!, Cancel);
        var stream = client.GetStream();
        var calls = Enumerable.Range(0, limit + 1).SelectMany(i => Frame(Headers, EndOfHeaders, StreamOf(i), Publish()));
        await stream.WriteAsync(
            (byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, []), .. calls], Cancel);

        var announced = 0u;
        while (true)
        {
            var (type, of, payload) = await ReadFrameAsync(stream);
            if (type == Settings && payload.Length > 0) announced = Setting(payload, MaxConcurrentStreams);
            if (type != ResetStream) continue;

            // The first call that is reset is the one above the limit.
            Assert.Equal((StreamOf(limit), RefusedStream), (of, BinaryPrimitives.ReadUInt32BigEndian(payload)));
            break;
        }

        Assert.Equal((uint)limit, announced);
    }

    private static uint StreamOf(int call) => (uint)((2 * call) + 1);

    // HPACK: the method and the scheme by their number in the static table, the others by the number of their name.
    private static byte[] Publish()
    {
        byte[] Text(string value) => [(byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
        return [0x83, 0x86, 0x01, .. Text("a"), 0x04, .. Text(RawConnection.Publish), 0x0F, 0x10, .. Text("application/grpc")];
    }

    private static byte[] Frame(byte type, byte flags, uint stream, byte[] payload)
    {
        var head = new byte[9];
        BinaryPrimitives.WriteInt32BigEndian(head, payload.Length << 8);
        head[3] = type;
        head[4] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(5), stream);
        return [.. head, .. payload];
    }

    private static async Task<(byte Type, uint Stream, byte[] Payload)> ReadFrameAsync(NetworkStream stream)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head, Cancel);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >>> 8];
        await stream.ReadExactlyAsync(payload, Cancel);
        return (head[3], BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(5)), payload);
    }

    private static uint Setting(byte[] payload, ushort id)
    {
        for (var i = 0; i < payload.Length; i += 6)
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload.AsSpan(i)) == id)
                return BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(i + 2));
        }

        return 0;
    }
}
