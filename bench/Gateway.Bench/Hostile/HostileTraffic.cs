using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Xmtp.Gateway.Bench.Hostile;

/// <summary>
/// Clients without a credential that cost a gateway as much as they can: so many connections of each protocol, each one
/// attack after another.
/// </summary>
/// <remarks>
/// <code>
/// bomb      25 KB of gzip that unpack to 8.5 million empty envelopes
/// flood     1 MiB of a body of 20 MiB at once, then 300 bytes a second
/// headers   28 KB of them, and an empty body
/// silence   headers alone; the body never comes
/// </code>
/// </remarks>
internal sealed class HostileTraffic
{
    private const string Publish = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";
    private static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(8);
    private static readonly (string Type, Version Http)[] Protocols =
    [
        ("application/grpc", HttpVersion.Version20),
        ("application/grpc-web+proto", HttpVersion.Version11),
        ("application/grpc-web-text", HttpVersion.Version11),
        ("application/proto", HttpVersion.Version11),
        ("application/proto", HttpVersion.Version20),
        ("application/json", HttpVersion.Version11),
    ];

    private static readonly byte[] JsonBomb = Gzip(
        Encoding.UTF8.GetBytes("{\"envelopes\":[" + string.Concat(Enumerable.Repeat("{},", 8_500_000)) + "{}]}"));
    private static readonly byte[] WireBomb = Gzip(EmptyElements());
    private static readonly string Padding = new('x', 28 * 1024);
    private readonly Uri _target;
    private readonly TimeSpan _pause;
    private readonly bool _isForwarded;
    private long _attacks;

    /// <summary>Makes it.</summary>
    /// <param name="target">The gateway.</param>
    /// <param name="pause">How long each connection waits between two attacks.</param>
    /// <param name="isForwarded">Whether each connection claims an address of its own in X-Forwarded-For.</param>
    public HostileTraffic(Uri target, TimeSpan pause, bool isForwarded = false)
    {
        _target = target;
        _pause = pause;
        _isForwarded = isForwarded;
    }

    /// <summary>Packs the bombs, which takes a second; else the first attack does.</summary>
    public static void Prepare() => RuntimeHelpers.RunClassConstructor(typeof(HostileTraffic).TypeHandle);

    /// <summary>How many attacks have ended.</summary>
    public long Attacks => Volatile.Read(ref _attacks);

    /// <summary>How many protocols there are.</summary>
    public static int ProtocolCount => Protocols.Length;

    /// <summary>Attacks until it is cancelled.</summary>
    public Task RunAsync(int connectionsOfEachProtocol, CancellationToken cancellationToken) => Task.WhenAll(
        Enumerable.Range(0, connectionsOfEachProtocol * Protocols.Length)
            .Select(number => Task.Run(() => AttackAsync(number, cancellationToken), CancellationToken.None)));

    private async Task AttackAsync(int number, CancellationToken cancellationToken)
    {
        var (type, version) = Protocols[number % Protocols.Length];
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        for (var attack = number / Protocols.Length; !cancellationToken.IsCancellationRequested; attack++)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(MaxDuration);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_target, Publish))
                {
                    Version = version,
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = Body(attack % 4, type),
                };
                if (attack % 4 == 2) request.Headers.Add("x-padding", Padding);
                if (_isForwarded) request.Headers.Add("X-Forwarded-For", $"198.51.{number / 250}.{number % 250 + 1}");
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
            }
            catch (Exception refused) when (refused is HttpRequestException or IOException or OperationCanceledException)
            {
                // Refused, cut off, or tired of waiting.
            }

            Interlocked.Increment(ref _attacks);
            await Task.Delay(_pause, TimeProvider.System, CancellationToken.None)
                .WaitAsync(cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static HttpContent Body(int attack, string type)
    {
        HttpContent content = attack switch
        {
            0 => new ByteArrayContent(Framed(type == "application/json" ? JsonBomb : WireBomb, type)),
            1 => new SlowContent(1024 * 1024),
            2 => new ByteArrayContent([]),
            _ => new SlowContent(0),
        };
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        if (attack == 0)
        {
            content.Headers.Add(
                type.StartsWith("application/grpc", StringComparison.Ordinal) ? "grpc-encoding" : "content-encoding", "gzip");
        }
        return content;
    }

    private static byte[] Framed(byte[] packed, string type)
    {
        if (!type.StartsWith("application/grpc", StringComparison.Ordinal)) return packed;
        byte[] frame = [1, 0, 0, 0, 0, .. packed];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), packed.Length);
        return type.EndsWith("-text", StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(Convert.ToBase64String(frame)) : frame;
    }

    private static byte[] EmptyElements()
    {
        var elements = new byte[25 * 1024 * 1024];
        for (var i = 0; i < elements.Length; i += 2) elements[i] = 0x0A;
        return elements;
    }

    private static byte[] Gzip(byte[] message)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize)) gzip.Write(message);
        return packed.ToArray();
    }

    private sealed class SlowContent(int atOnce) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            // A gRPC frame of 20 MiB; to the other protocols it is a body like any.
            byte[] start = [0, 1, 64, 0, 0, .. new byte[atOnce]];
            if (atOnce > 0) await stream.WriteAsync(start, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
                if (atOnce == 0) continue;
                await stream.WriteAsync(new byte[300], cancellationToken);
                await stream.FlushAsync(cancellationToken);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 20 * 1024 * 1024;
            return true;
        }
    }
}
