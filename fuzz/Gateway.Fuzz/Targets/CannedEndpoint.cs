using System.Net;
using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>Answers each request of an <see cref="HttpClient"/> with the same status and bytes, in parts of a size.</summary>
internal sealed class CannedEndpoint(int status, byte[] body, int partSize) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage((HttpStatusCode)status) { Content = new StreamContent(new PartStream(body, partSize)) });
}

/// <summary>Answers each request with the same value.</summary>
internal sealed class CannedTransport(JsonElement result) : IRpcTransport
{
    public string Endpoint => "canned";

    public Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        Task.FromResult<RpcResult<JsonElement>>(result);
}

/// <summary>Another transport, so that a list is read from the whole answer and not while it arrives.</summary>
internal sealed class WholeAnswers(IRpcTransport inner) : IRpcTransport
{
    public string Endpoint => inner.Endpoint;

    public Task<RpcResult<JsonElement>> SendAsync(
        string method, IReadOnlyList<object?> parameters, CancellationToken cancellationToken) =>
        inner.SendAsync(method, parameters, cancellationToken);
}
