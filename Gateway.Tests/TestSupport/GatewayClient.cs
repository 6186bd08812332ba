using System.Net.Http.Headers;
using System.Text.Json;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>How a client speaks to the gateway.</summary>
public enum Speaks
{
    Grpc,
    GrpcWeb,
    ConnectProto,
    ConnectJson,
}

/// <summary>A client of the gateway in each of its protocols. An error of any of them is an <see cref="RpcException"/>.</summary>
public sealed class GatewayClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly GrpcChannel _channel;
    private readonly Speaks _speaks;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public GatewayClient(Uri gateway, Speaks speaks)
    {
        _speaks = speaks;
        _http = new HttpClient { BaseAddress = gateway };
        _channel = GrpcChannel.ForAddress(gateway, speaks == Speaks.GrpcWeb
            ? new GrpcChannelOptions
            {
                HttpHandler = new GrpcWebHandler(GrpcWebMode.GrpcWeb, new HttpClientHandler()),
                HttpVersion = new Version(1, 1),
                HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            }
            : new GrpcChannelOptions());
    }

    public Task<PublishClientEnvelopesResponse> PublishAsync(params ClientEnvelope[] envelopes) => AskAsync(
        "xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes",
        Envelopes.Request(envelopes),
        PublishClientEnvelopesResponse.Parser,
        async request => await new PayerApi.PayerApiClient(_channel).PublishClientEnvelopesAsync(request, cancellationToken: Cancel));

    public Task<GetNodesResponse> GetNodesAsync() => AskAsync(
        "xmtp.xmtpv4.gateway_api.GatewayApi/GetNodes",
        new GetNodesRequest(),
        GetNodesResponse.Parser,
        async request => await new GatewayApi.GatewayApiClient(_channel).GetNodesAsync(request, cancellationToken: Cancel));

    public void Dispose()
    {
        _channel.Dispose();
        _http.Dispose();
    }

    private async Task<TAnswer> AskAsync<TRequest, TAnswer>(
        string path, TRequest request, MessageParser<TAnswer> parser, Func<TRequest, Task<TAnswer>> grpc)
        where TRequest : IMessage
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        if (_speaks is Speaks.Grpc or Speaks.GrpcWeb) return await grpc(request);
        var json = _speaks == Speaks.ConnectJson;
        using var body = new ByteArrayContent(
            json ? System.Text.Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)) : request.ToByteArray());
        body.Headers.ContentType = new MediaTypeHeaderValue(json ? "application/json" : "application/proto");
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), body, Cancel);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancel);
        if (!answer.IsSuccessStatusCode) throw ConnectError(bytes);
        return json ? JsonParser.Default.Parse<TAnswer>(System.Text.Encoding.UTF8.GetString(bytes)) : parser.ParseFrom(bytes);
    }

    // {"code":"invalid_argument","message":"…"}
    private static RpcException ConnectError(byte[] body)
    {
        var error = JsonDocument.Parse(body).RootElement;
        var code = string.Concat(
            error.GetProperty("code").GetString()!.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return new RpcException(new Status(Enum.Parse<StatusCode>(code), error.GetProperty("message").GetString()!));
    }
}
