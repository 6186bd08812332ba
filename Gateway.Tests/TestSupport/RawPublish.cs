using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A call to a node by hand, which reads on when its own <c>grpc-timeout</c> is over.</summary>
public sealed record RawPublish(HttpStatusCode Http, StatusCode? Status, string Message, IReadOnlyList<OriginatorEnvelope> Envelopes)
{
    private const int HeadSize = 5;

    /// <summary>Publishes.</summary>
    /// <param name="node">The node's address.</param>
    /// <param name="timeout">The header, such as <c>500m</c>; null for none.</param>
    /// <param name="envelopes">What is published.</param>
    public static async Task<RawPublish> PublishAsync(Uri node, string? timeout, params PayerEnvelope[] envelopes)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(4) };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(node, "/xmtp.xmtpv4.message_api.PublishApi/PublishPayerEnvelopes"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Framed(Payers.Request(envelopes)))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") },
            },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (timeout is not null) request.Headers.Add("grpc-timeout", timeout);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var status = Find(response, "grpc-status");
        return new RawPublish(
            response.StatusCode,
            status is null ? null : (StatusCode)int.Parse(status, CultureInfo.InvariantCulture),
            Uri.UnescapeDataString(Find(response, "grpc-message") ?? ""),
            status == "0" ? PublishPayerEnvelopesResponse.Parser.ParseFrom(body.AsSpan(HeadSize)).OriginatorEnvelopes : []);
    }

    private static byte[] Framed(PublishPayerEnvelopesRequest message)
    {
        var bytes = new byte[HeadSize + message.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), message.CalculateSize());
        message.WriteTo(bytes.AsSpan(HeadSize));
        return bytes;
    }

    private static string? Find(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.Single()
        : response.Headers.TryGetValues(name, out var headers) ? headers.Single()
        : null;
}
