using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Serves unary calls of the Connect protocol, in protobuf and in JSON, over HTTP/1.1 and HTTP/2.</summary>
/// <remarks>The request is a POST whose body is the message; the response is the message, or JSON with an error.</remarks>
internal sealed class ConnectUnary(CallAdmission admission, CallRunner runner)
{
    private static readonly PublishError BadVersion = new(PublishErrorKind.InvalidArgument, "connect-protocol-version must be 1");
    private static readonly PublishError BadTimeout = new(PublishErrorKind.InvalidArgument, "connect-timeout-ms is malformed");

    /// <summary>Serves one call; returns its error, or null.</summary>
    internal async Task<CallStatus?> HandleAsync(HttpContext call, IUnaryMethod method, bool json, CallBytes bytes)
    {
        var message = new MessageBuffer(bytes, method.MaxRequestSize);
        var reply = await AnswerAsync(call, method, json, message, bytes).ConfigureAwait(false);
        if (reply.Error is not null)
        {
            var status = StatusMapper.Map(reply);
            await ConnectError.WriteAsync(call.Response, status).ConfigureAwait(false);
            return status;
        }

        if (reply.Size > Reply.WholeUpTo) bytes.Hold(reply.Size);
        await ConnectReply.WriteAsync(call, reply, method, json, bytes).ConfigureAwait(false);
        message.Return();
        return null;
    }

    private async ValueTask<Reply> AnswerAsync(HttpContext call, IUnaryMethod method, bool json, MessageBuffer message, CallBytes bytes)
    {
        var version = call.Request.Headers["connect-protocol-version"].ToString();
        if (version is not ("" or "1")) return Reply.Failed(BadVersion);
        if (CallTimeout.OfConnect(call.Request.Headers, runner.Time) is not { } deadline) return Reply.Failed(BadTimeout);
        var (caller, refusal) = await admission.AdmitAsync(call, method, deadline, bytes).ConfigureAwait(false);
        if (refusal is not null) return Reply.Failed(refusal);
        if (await ConnectBody.ReadAsync(call.Request, message, deadline).ConfigureAwait(false) is { } error) return Reply.Failed(error);
        if (json && JsonRequest.Unpack(message, method.RequestType) is { } jsonError) return Reply.Failed(jsonError);
        return await runner.RunAsync(method, message.Written, call, caller, deadline).ConfigureAwait(false);
    }
}
