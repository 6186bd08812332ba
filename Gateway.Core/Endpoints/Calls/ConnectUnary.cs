using System.Buffers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Serves unary calls of the Connect protocol, in protobuf and in JSON, over HTTP/1.1 and HTTP/2.</summary>
/// <remarks>The request is a POST whose body is the message; the answer is the message, or JSON with an error.</remarks>
internal sealed class ConnectUnary(CallRunner runner)
{
    private static readonly PublishError BadVersion = new(PublishErrorKind.InvalidArgument, "connect-protocol-version must be 1");
    private static readonly PublishError BadTimeout = new(PublishErrorKind.InvalidArgument, "connect-timeout-ms is malformed");

    /// <summary>Serves one call; returns how it ended.</summary>
    internal async Task<StatusCode> HandleAsync(HttpContext call, IUnaryMethod method, bool json)
    {
        var (reply, message) = await AnswerAsync(call, method, json);
        if (reply.Error is not null)
        {
            var status = StatusMapper.Map(reply);
            await ConnectError.WriteAsync(call.Response, status);
            return status.Code;
        }

        call.Response.ContentType = json ? "application/json" : "application/proto";
        if (reply.Cost is { } cost) call.Response.Headers[CostTrailer.ConnectName] = CostTrailer.Value(cost);
        if (json) await WriteJsonAsync(call.Response, reply, method);
        else await WriteAsync(call.Response, reply);
        message?.Return();
        return StatusCode.OK;
    }

    private async ValueTask<(Reply Reply, MessageBuffer? Message)> AnswerAsync(HttpContext call, IUnaryMethod method, bool json)
    {
        var version = call.Request.Headers["connect-protocol-version"].ToString();
        if (version is not ("" or "1")) return (Reply.Failed(BadVersion), null);
        if (CallTimeout.OfConnect(call.Request.Headers, runner.Time) is not { } deadline) return (Reply.Failed(BadTimeout), null);
        var (message, error) = await ConnectBody.ReadAsync(call.Request, deadline);
        if (error is not null) return (Reply.Failed(error), message);
        if (!json) return (await runner.RunAsync(method, message.Written, call, deadline), message);

        var (request, jsonError) = JsonCodec.Read(message.Written.Span, method);
        if (jsonError is not null) return (Reply.Failed(jsonError), message);
        return (await runner.RunAsync(method, request, call, deadline), message);
    }

    private static async Task WriteAsync(HttpResponse response, Reply reply)
    {
        response.ContentLength = reply.Size;
        await response.StartAsync(CancellationToken.None);
        reply.WriteTo(response.BodyWriter);
    }

    private static async Task WriteJsonAsync(HttpResponse response, Reply reply, IUnaryMethod method)
    {
        var message = new ArrayBufferWriter<byte>((int)Math.Max(1, reply.Size));
        reply.WriteTo(message);
        var json = JsonCodec.Write(message.WrittenSpan, method);
        response.ContentLength = json.Length;
        await response.BodyWriter.WriteAsync(json, CancellationToken.None);
    }
}
