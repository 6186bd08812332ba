using System.Buffers.Binary;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>Which answers are compressed, as they are on the wire.</summary>
public class CompressionTests
{
    private const string Publish = "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";
    private const int KiB = 1024;
    private const int MiB = 1024 * KiB;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Forms => new()
    {
        { "2.0", "application/grpc" },
        { "2.0", "application/grpc+json" },
        { "1.1", "application/grpc-web+proto" },
        { "1.1", "application/grpc-web+json" },
        { "2.0", "application/proto" },
        { "1.1", "application/proto" },
        { "1.1", "application/json" },
    };

    [Theory, MemberData(nameof(Forms))]
    public async Task A_large_answer_is_compressed_for_who_offers_gzip_and_only_for_them(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = Envelopes.Request([.. Enumerable.Range(1, 40).Select(i => Envelopes.Welcome((byte)i, KiB))]);

        foreach (var offer in new[] { "gzip", "identity,gzip,deflate", "br, GZIP;q=0.5" })
        {
            var packed = await SendAsync(gateway, version, type, request, offer);
            Assert.True(packed.IsCompressed, offer);
            Assert.InRange(packed.Body.Length, 1, 40 * KiB / 2);
            Assert.Equal(request.Envelopes, Published(packed.Message(type)));
        }

        foreach (var offer in new[] { "", "identity", "deflate, br", "gzip;q=0", "xgzip" })
        {
            var plain = await SendAsync(gateway, version, type, request, offer);
            Assert.False(plain.IsCompressed, offer);
            Assert.Equal(request.Envelopes, Published(plain.Message(type)));
        }
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task The_answer_to_one_message_and_an_error_are_not_compressed_and_a_batch_is(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.False((await SendAsync(gateway, version, type, Envelopes.Request(Envelopes.Welcome(size: KiB)), "gzip")).IsCompressed);
        Assert.True((await SendAsync(gateway, version, type, Envelopes.Request(Envelopes.Welcome(size: 16 * KiB)), "gzip")).IsCompressed);

        gateway.Network.Fails = _ => new PublishError(PublishErrorKind.Unavailable, new string('x', 20 * KiB));
        var refused = await SendAsync(gateway, version, type, Envelopes.Request(Envelopes.Welcome(size: 16 * KiB)), "gzip");
        Assert.False(refused.IsOk);
        Assert.False(refused.IsCompressed);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Ciphertext_is_compressed_where_it_is_base64_and_nowhere_else(string version, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = Envelopes.Request([.. Enumerable.Range(1, 40).Select(_ => Ciphertext(8 * KiB))]);

        var answer = await SendAsync(gateway, version, type, request, "gzip");

        Assert.Equal(type.EndsWith("json", StringComparison.Ordinal), answer.IsCompressed);
        Assert.Equal(request.Envelopes, Published(answer.Message(type)));
    }

    [Fact]
    public async Task What_a_caller_has_not_received_of_a_compressed_answer_counts_until_it_has()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.MaxBytesInFlight = 1024L * MiB);
        var budget = gateway.Services.GetRequiredService<BytesInFlight>();
        // Each byte has four random bits, so that half of it remains.
        var envelope = Envelopes.Welcome();
        envelope.WelcomeMessage.V1.Data = ByteString.CopyFrom([.. Noise(24 * MiB).Select(value => (byte)(value & 0x0F))]);
        var body = Envelopes.Request(envelope).ToByteArray();
        using var client = new TcpClient { ReceiveBufferSize = 64 * KiB };
        await client.ConnectAsync(gateway.Addresses.Main!, Cancel);
        await client.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"POST {Publish} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/proto\r\n" +
                    $"Accept-Encoding: gzip\r\nContent-Length: {body.Length}\r\n\r\n"),
                Cancel);
        await client.GetStream().WriteAsync(body, Cancel);

        // The request, the answer, and of its compressed form what the sockets' buffers do not take.
        await Eventually.IsAsync(() => budget.InUse >= (2 * 24 + 4) * MiB, "the compressed answer counts too");

        var answer = new MemoryStream();
        await client.GetStream().CopyToAsync(answer, Cancel);
        Assert.Contains(
            "\r\nContent-Encoding: gzip\r\n", Encoding.Latin1.GetString(answer.GetBuffer(), 0, KiB), StringComparison.OrdinalIgnoreCase);
        Assert.InRange(answer.Length, 8 * MiB, 20 * MiB);
        await Eventually.IsAsync(() => budget.InUse == 0, "everything is given back");
    }

    private static ClientEnvelope Ciphertext(int size)
    {
        var envelope = Envelopes.Welcome();
        envelope.WelcomeMessage.V1.Data = ByteString.CopyFrom(Noise(size));
        return envelope;
    }

    private static byte[] Noise(int size)
    {
        var noise = new byte[size];
        Random.Shared.NextBytes(noise);
        return noise;
    }

    private static IEnumerable<ClientEnvelope> Published(PublishClientEnvelopesResponse reply) =>
        reply.OriginatorEnvelopes.Select(envelope => ClientEnvelope.Parser.ParseFrom(
            PayerEnvelope.Parser.ParseFrom(
                UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).PayerEnvelopeBytes)
                .UnsignedClientEnvelope));

    private static async Task<Received> SendAsync(
        TestGateway gateway, string version, string type, PublishClientEnvelopesRequest request, string offer)
    {
        var isGrpc = type.StartsWith("application/grpc", StringComparison.Ordinal);
        var message = type.EndsWith("json", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request))
            : request.ToByteArray();
        var frame = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        using var http = new HttpClient();
        using var post = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, Publish))
        {
            Content = new ByteArrayContent(isGrpc ? [.. frame, .. message] : message),
            Version = new Version(version),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        post.Content.Headers.ContentType = new(type);
        if (offer.Length > 0) post.Headers.TryAddWithoutValidation(isGrpc ? "grpc-accept-encoding" : "accept-encoding", offer);
        using var response = await http.SendAsync(post, Cancel);
        var body = await response.Content.ReadAsByteArrayAsync(Cancel);
        var encoding = isGrpc
            ? response.Headers.TryGetValues("grpc-encoding", out var values) ? values.Single() : null
            : response.Content.Headers.ContentEncoding.SingleOrDefault();
        Assert.Equal(type, response.StatusCode == HttpStatusCode.OK ? response.Content.Headers.ContentType?.MediaType : type);
        Assert.Contains(encoding, new[] { null, "gzip" });
        var isOk = response.StatusCode == HttpStatusCode.OK && !response.Headers.Contains("grpc-status");
        if (!isGrpc || !isOk) return new Received(isOk, encoding is not null, body);
        Assert.Equal(encoding is null ? 0 : 1, body[0]);
        return new Received(isOk, encoding is not null, body[5..(5 + BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(1)))]);
    }

    /// <summary>An answer: the message without its frame, still compressed if it is.</summary>
    private sealed record Received(bool IsOk, bool IsCompressed, byte[] Body)
    {
        public PublishClientEnvelopesResponse Message(string type)
        {
            var message = new MemoryStream();
            using (Stream source = IsCompressed
                ? new GZipStream(new MemoryStream(Body), CompressionMode.Decompress)
                : new MemoryStream(Body))
            {
                source.CopyTo(message);
            }

            return type.EndsWith("json", StringComparison.Ordinal)
                ? PublishClientEnvelopesResponse.Parser.ParseJson(Encoding.UTF8.GetString(message.ToArray()))
                : PublishClientEnvelopesResponse.Parser.ParseFrom(message.ToArray());
        }
    }
}
