using System.Buffers.Binary;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>How many calls one HTTP/2 connection may have open, for a client that follows no setting: frames by hand.</summary>
public class StreamLimitTests
{
    private const uint RefusedStream = 7;
    private const ushort MaxConcurrentStreams = 3;

    [Theory]
    [InlineData(null, 256)]
    [InlineData(3, 3)]
    public async Task The_limit_is_announced_and_the_first_call_above_it_is_refused(int? configured, int limit)
    {
        // The bodies never come: no rule on slow ones may end a call meanwhile.
        await using var gateway = await TestGateway.StartAsync(
            api => api.MaxStreamsPerConnection = configured ?? api.MaxStreamsPerConnection,
            services => services.PostConfigure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null));
        using var client = await RawHttp2.ConnectAsync(gateway.Addresses.Main!);
        await client.SendAsync([.. Enumerable.Range(0, limit + 1).Select(i => RawHttp2.Post(RawHttp2.StreamOf(i), "application/grpc"))]);

        var announced = 0u;
        while (true)
        {
            var (type, _, of, payload) = await client.ReadAsync(TestContext.Current.CancellationToken);
            if (type == RawHttp2.Settings && payload.Length > 0) announced = Setting(payload, MaxConcurrentStreams);
            if (type != RawHttp2.ResetStream) continue;

            // The first call that is reset is the one above the limit.
            Assert.Equal((RawHttp2.StreamOf(limit), RefusedStream), (of, BinaryPrimitives.ReadUInt32BigEndian(payload)));
            break;
        }

        Assert.Equal((uint)limit, announced);
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
