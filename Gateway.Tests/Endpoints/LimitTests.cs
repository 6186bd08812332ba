using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

public class LimitTests
{
    private const int Limit = 25 * 1024 * 1024;
    private const string Publish = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";

    public static TheoryData<Form> Forms => [Form.Grpc, Form.GrpcWeb, Form.GrpcWebText, Form.ConnectProto, Form.ConnectProtoHttp2];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Just_under_the_limit_passes(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, form);
        var request = Envelopes.Request(Envelopes.Welcome(size: Limit - 1000));

        var answer = await client.PublishAsync(request);

        Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        Assert.Equal(request.Envelopes[0].ToByteArray(), gateway.Network.Published[0]);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Over_the_limit_is_refused_by_name(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.PublishAsync(Envelopes.Request(Envelopes.Welcome(size: Limit)));

        Assert.Equal(StatusCode.ResourceExhausted, answer.Code);
        Assert.Contains("25 MiB", answer.Message, StringComparison.Ordinal);
        Assert.Empty(gateway.Network.Published);
    }

    [Theory]
    [InlineData("2.0")]
    [InlineData("1.1")]
    public async Task A_token_of_60_KB_is_read(string version)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var content = new ByteArrayContent(Envelopes.Request(Envelopes.Welcome()).ToByteArray());
        content.Headers.ContentType = new("application/proto");
        Assert.Equal(0, await StatusAsync(gateway, version, content, new string('t', 60_000)));
    }

    [Theory]
    [InlineData("2.0", "application/grpc")]
    [InlineData("2.0", "application/grpc+json")]
    [InlineData("1.1", "application/grpc-web")]
    [InlineData("1.1", "application/grpc-web+json")]
    [InlineData("1.1", "application/proto")]
    [InlineData("1.1", "application/json")]
    public async Task A_compressed_message_is_unpacked(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = Envelopes.Request(Envelopes.Welcome(size: 10_000));
        var message = type.EndsWith("json", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request))
            : request.ToByteArray();

        var status = await PostAsync(gateway, version, type, Gzip(message));

        Assert.Equal(0, status);
        Assert.Equal(request.Envelopes[0].ToByteArray(), gateway.Network.Published[0]);
    }

    [Theory]
    [InlineData("2.0", "application/grpc")]
    [InlineData("2.0", "application/grpc+json")]
    [InlineData("1.1", "application/grpc-web")]
    [InlineData("1.1", "application/grpc-web+json")]
    [InlineData("1.1", "application/proto")]
    [InlineData("1.1", "application/json")]
    public async Task A_bomb_is_refused(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal(8, await PostAsync(gateway, version, type, Bomb.Value));

        Assert.Empty(gateway.Network.Published);
    }

    [Theory]
    [InlineData("2.0", "application/grpc")]
    [InlineData("1.1", "application/proto")]
    public async Task What_is_not_gzip_is_an_invalid_argument(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Equal(3, await PostAsync(gateway, version, type, [1, 2, 3, 4]));
        Assert.Equal(12, await PostAsync(gateway, version, type, [1, 2, 3, 4], "br"));
    }

    [Theory]
    [InlineData("2.0", "application/grpc")]
    [InlineData("1.1", "application/proto")]
    public async Task A_batch_whose_compressed_form_is_cut_is_not_published_in_part(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var first = Envelopes.Request(Envelopes.Welcome(1)).ToByteArray();
        var batch = Envelopes.Request(Envelopes.Welcome(1), Envelopes.Welcome(2)).ToByteArray();
        // Uncompressed blocks, so that the cut is between the two envelopes.
        var packed = Gzip(batch, CompressionLevel.NoCompression);
        var cut = packed[..(packed.AsSpan().IndexOf(batch) + first.Length)];
        Assert.Equal(3, await PostAsync(gateway, version, type, cut));
        Assert.Empty(gateway.Network.Published);
    }

    [Fact]
    public void A_compressed_message_that_is_cut_anywhere_is_refused()
    {
        var packed = Gzip(Envelopes.Request(Envelopes.Welcome(), Envelopes.Commit(), Envelopes.Identity()).ToByteArray());
        for (var length = 1; length < packed.Length; length++)
        {
            var (_, message) = OneCall.Begin();
            Assert.Null(message.Append(new(packed.AsMemory(0, length)), length));
            Assert.Equal(PublishErrorKind.InvalidArgument, Xmtp.Gateway.Endpoints.Calls.Gzip.Unpack(message)?.Kind);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1, 2 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 })]
    public async Task A_frame_that_is_wrong_is_an_error(byte[] body)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/grpc");
        Assert.Contains(await StatusAsync(gateway, "2.0", content), new[] { 3, 12 });
    }

    [Fact]
    public void A_decompression_bomb_uses_no_more_memory_than_the_largest_message()
    {
        var (budget, message) = OneCall.Begin();
        Assert.Null(message.Append(new(Bomb.Value), Bomb.Value.Length));

        Assert.Same(MessageLimit.TooLarge(Limit), Xmtp.Gateway.Endpoints.Calls.Gzip.Unpack(message));

        Assert.InRange(message.Length, Limit, 2 * Limit);
        Assert.InRange(budget.InUse, Limit, 2 * Limit);
        message.Return();
        Assert.Equal(0, budget.InUse);
    }

    [Fact]
    public async Task A_client_of_http1_that_stops_in_the_middle_of_its_request_is_cut_off()
    {
        await using var gateway = await WithShortTimeoutAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Addresses.Main!, Cancel);
        await client.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"POST {Publish} HTTP/1.1\r\nHost: a\r\nContent-Type: application/proto\r\nContent-Length: 1000\r\n\r\n0"),
                Cancel);

        using var reader = new StreamReader(client.GetStream());
        Assert.StartsWith("HTTP/1.1 408 ", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_http2_that_stops_in_the_middle_of_its_request_is_cut_off()
    {
        await using var gateway = await WithShortTimeoutAsync();
        using var content = new StalledContent([0, 0, 0, 1, 0]);
        content.Headers.ContentType = new("application/grpc");

        var exception = await Record.ExceptionAsync(() => StatusAsync(gateway, "2.0", content));

        Assert.True(exception is HttpRequestException or OperationCanceledException, $"not cut off: {exception}");
        Assert.True(content.WasCutOff);
    }

    private static Lazy<byte[]> Bomb { get; } = new(() =>
    {
        // A gigabyte of zeros in a megabyte.
        var (packed, zeros) = (new MemoryStream(), new byte[1024 * 1024]);
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            for (var i = 0; i < 1024; i++)
                gzip.Write(zeros);
        return packed.ToArray();
    });

    private static Task<TestGateway> WithShortTimeoutAsync() =>
        TestGateway.StartAsync(services: services => services.PostConfigure<KestrelServerOptions>(kestrel =>
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(
                kestrel.Limits.MinRequestBodyDataRate!.BytesPerSecond, TimeSpan.FromSeconds(2))));

    private static async Task<int> PostAsync(TestGateway gateway, string version, string type, byte[] packed, string encoding = "gzip")
    {
        var isGrpc = type.StartsWith("application/grpc", StringComparison.Ordinal);
        var frame = new byte[5];
        frame[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), packed.Length);
        using var content = new ByteArrayContent(isGrpc ? [.. frame, .. packed] : packed);
        content.Headers.ContentType = new(type);
        content.Headers.Add(isGrpc ? "grpc-encoding" : "content-encoding", encoding);
        return await StatusAsync(gateway, version, content);
    }

    /// <summary>The gRPC status, however the answer tells it.</summary>
    private static async Task<int> StatusAsync(TestGateway gateway, string version, HttpContent content, string? token = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, Publish))
        {
            Content = content,
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (token is not null) request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        using var response = await http.SendAsync(request, Cancel);
        var body = await response.Content.ReadAsStringAsync(Cancel);
        if (response.TrailingHeaders.TryGetValues("grpc-status", out var trailer)) return int.Parse(trailer.Single());
        if (response.Headers.TryGetValues("grpc-status", out var header)) return int.Parse(header.Single());
        if (response.IsSuccessStatusCode) return 0;
        return response.StatusCode == HttpStatusCode.RequestTimeout ? -1 : (int)Answer.Of(response, body).Code;
    }

    private static byte[] Gzip(byte[] message, CompressionLevel level = CompressionLevel.Fastest)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level)) gzip.Write(message);
        return packed.ToArray();
    }

    private sealed class StalledContent(byte[] start) : HttpContent
    {
        public bool WasCutOff { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, Cancel);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(start, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            try
            {
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            }
            finally
            {
                WasCutOff = !Cancel.IsCancellationRequested;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 1000;
            return true;
        }
    }
}
