using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>
/// Responses larger than the client's window, on one connection: Kestrel reuses the objects of a stream, and one whose window was
/// enlarged while its response ended would never send the response of the next call.
/// </summary>
public class StreamReuseTests
{
    private const int Calls = 20_000;
    private const int Window = 20;
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    // INITIAL_WINDOW_SIZE
    private static readonly byte[] SmallWindow = [0, 4, 0, 0, 0, Window];
    private static readonly byte[] OneByte = [0, 0, 0, 1];
    private static readonly byte[] ManyBytes = [0x70, 0, 0, 0];

    [Fact]
    public async Task Every_call_is_answered_when_windows_are_enlarged_byte_by_byte()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = await RawHttp2.ConnectAsync(gateway.Addresses.Main!, SmallWindow);
        await client.SendAsync(RawHttp2.Frame(RawHttp2.WindowUpdate, 0, 0, ManyBytes));
        for (var call = 0; call < Calls; call++)
        {
            var stream = RawHttp2.StreamOf(call);
            await client.SendAsync(
                RawHttp2.Post(stream, "application/json"), RawHttp2.Frame(RawHttp2.Data, RawHttp2.EndOfStream, stream, "{"u8.ToArray()));
            Assert.True(await IsAnsweredAsync(client, stream), $"call {call} was not answered");
        }
    }

    // The rest of a response is asked for a byte at a time, in one piece, once the window is used up.
    private static async Task<bool> IsAnsweredAsync(RawHttp2 client, uint stream)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(MaxWait);
        var read = 0;
        try
        {
            while (true)
            {
                var (type, flags, of, payload) = await client.ReadAsync(timeout.Token);
                if (of != stream) continue;
                Assert.NotEqual(RawHttp2.ResetStream, type);
                if (type is RawHttp2.Data or RawHttp2.Headers && (flags & RawHttp2.EndOfStream) != 0) return true;
                if (type != RawHttp2.Data) continue;
                if (read < Window && read + payload.Length >= Window)
                {
                    var more = RawHttp2.Frame(RawHttp2.WindowUpdate, 0, stream, OneByte);
                    await client.SendAsync([.. Enumerable.Repeat(more, 300)]);
                }

                read += payload.Length;
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
