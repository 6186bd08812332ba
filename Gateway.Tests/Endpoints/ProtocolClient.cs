using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Web;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>The forms in which clients call.</summary>
public enum Form
{
    Grpc,
    GrpcWeb,
    GrpcWebText,
    GrpcJson,
    GrpcWebJson,
    GrpcWebTextJson,
    ConnectProto,
    ConnectJson,
    ConnectProtoHttp2,
}

/// <summary>Calls a gateway in one of the forms; the answer is of one form.</summary>
public sealed class ProtocolClient : IDisposable
{
    private readonly Form _form;
    private readonly HttpClient _http;
    private readonly GrpcChannel? _channel;
    private readonly string _service;

    public ProtocolClient(Uri url, Form form, string service = "xmtp.xmtpv4.payer_api.PayerApi")
    {
        _form = form;
        _service = service;
        _http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = url };
        if (form < Form.ConnectProto) _channel = Channel(url, form);
    }

    public static GrpcChannel Channel(Uri url, Form form = Form.Grpc) => GrpcChannel.ForAddress(url, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = null,
        MaxSendMessageSize = null,
        DisposeHttpClient = true,
        HttpHandler = form switch
        {
            Form.GrpcWeb => new GrpcWebHandler(GrpcWebMode.GrpcWeb, new SocketsHttpHandler()),
            Form.GrpcWebText => new GrpcWebHandler(GrpcWebMode.GrpcWebText, new SocketsHttpHandler()),
            Form.GrpcJson => new JsonFrameHandler(),
            Form.GrpcWebJson => new GrpcWebHandler(GrpcWebMode.GrpcWeb, new JsonFrameHandler()),
            Form.GrpcWebTextJson => new GrpcWebHandler(GrpcWebMode.GrpcWebText, new JsonFrameHandler()),
            _ => new SocketsHttpHandler(),
        },
        HttpVersion = form is Form.Grpc or Form.GrpcJson ? HttpVersion.Version20 : HttpVersion.Version11,
    });

    public Task<Answer> PublishAsync(PublishClientEnvelopesRequest request, params (string Name, string Value)[] headers) =>
        CallAsync("PublishClientEnvelopes", request, PublishClientEnvelopesResponse.Parser, headers);

    public Task<Answer> GetNodesAsync() => CallAsync("GetNodes", new GetNodesRequest(), GetNodesResponse.Parser, []);

    public Task<Answer> CallAsync<TReply>(
        string method, IMessage request, MessageParser<TReply> parser, (string Name, string Value)[] headers)
        where TReply : class, IMessage<TReply> =>
        _channel is null ? ConnectAsync(method, request, parser, headers) : GrpcAsync(method, request, parser, headers);

    public void Dispose()
    {
        _channel?.Dispose();
        _http.Dispose();
    }

    private async Task<Answer> GrpcAsync<TReply>(
        string method, IMessage request, MessageParser<TReply> parser, (string Name, string Value)[] headers)
        where TReply : class, IMessage<TReply>
    {
        var metadata = new Metadata();
        foreach (var (name, value) in headers) metadata.Add(name, value);
        var marshaller = _form is Form.GrpcJson or Form.GrpcWebJson or Form.GrpcWebTextJson
            ? Marshallers.Create<IMessage>(
                message => Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(message)),
                bytes => parser.ParseJson(Encoding.UTF8.GetString(bytes)))
            : Marshallers.Create<IMessage>(message => message.ToByteArray(), bytes => parser.ParseFrom(bytes));
        var call = new Method<IMessage, IMessage>(MethodType.Unary, _service, method, marshaller, marshaller);
        try
        {
            return Answer.Ok(await _channel!.CreateCallInvoker().AsyncUnaryCall(call, null, new CallOptions(metadata), request));
        }
        catch (RpcException exception)
        {
            return Answer.Of(exception);
        }
    }

    private async Task<Answer> ConnectAsync<TReply>(
        string method, IMessage request, MessageParser<TReply> parser, (string Name, string Value)[] headers)
        where TReply : class, IMessage<TReply>
    {
        var json = _form == Form.ConnectJson;
        using var content = new ByteArrayContent(
            json ? Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request)) : request.ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(json ? "application/json" : "application/proto");
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/{_service}/{method}") { Content = content };
        message.Version = _form == Form.ConnectProtoHttp2 ? HttpVersion.Version20 : HttpVersion.Version11;
        message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(message);
        var body = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode) return Answer.Of(response, Encoding.UTF8.GetString(body));
        return Answer.Ok(
            json ? JsonParser.Default.Parse(Encoding.UTF8.GetString(body), parser.ParseFrom([]).Descriptor) : parser.ParseFrom(body));
    }

    /// <summary>Says of each request that its frames have JSON, and takes no answer that does not say so too.</summary>
    private sealed class JsonFrameHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        private const string Json = "+json";

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var type = request.Content!.Headers.ContentType!.MediaType + Json;
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            var response = await base.SendAsync(request, cancellationToken);
            Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
            return response;
        }
    }
}
