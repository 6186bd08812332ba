using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Serves unary calls over gRPC, and over gRPC-Web after its middleware has unwrapped them.</summary>
/// <remarks>
/// Built on HTTP/2 rather than on Grpc.AspNetCore: the request is read into one pooled array, the response is written
/// from the originators' bytes, a refusal costs no exception, and the gateway's own limits apply. The streams, reflection
/// and the watch of health, use Grpc.AspNetCore.
/// </remarks>
internal sealed class GrpcUnary(CallAdmission admission, CallRunner runner)
{
    private static readonly CallStatus NotHttp2 = StatusMapper.Map(
        Reply.Failed(PublishErrorKind.Unimplemented, "HTTP status 426: gRPC needs HTTP/2"));

    private static readonly PublishError BadTimeout = new(PublishErrorKind.InvalidArgument, "grpc-timeout is malformed");
    private static readonly PublishError BadEncoding = new(PublishErrorKind.Unimplemented, "grpc-encoding must be identity or gzip");
    private static readonly PublishError NoEncoding =
        new(PublishErrorKind.InvalidArgument, "the message is compressed, and grpc-encoding does not say how");

    /// <summary>Serves one call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="method">Its method.</param>
    /// <param name="contentType">The content type of the response: that of the request, without parameters.</param>
    /// <param name="json">Whether the messages in the frames are JSON.</param>
    /// <param name="bytes">The call's bytes.</param>
    /// <returns>Its error, or null.</returns>
    internal async Task<CallStatus?> HandleAsync(HttpContext call, IUnaryMethod method, string contentType, bool json, CallBytes bytes)
    {
        if (!HttpProtocol.IsHttp2(call.Request.Protocol) && !HttpProtocol.IsHttp3(call.Request.Protocol))
        {
            call.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            call.Response.Headers.Upgrade = "h2c";
            return NotHttp2;
        }

        var message = new MessageBuffer(bytes, method.MaxRequestSize);
        var reply = await AnswerAsync(call, method, json, message, bytes).ConfigureAwait(false);
        call.Response.ContentType = contentType;
        if (reply.Error is not null)
        {
            // A failed call may have left attempts behind that still read the request: then the array is not returned to the pool.
            var status = StatusMapper.Map(reply);
            GrpcStatus.Write(call.Response, status);
            return status;
        }

        if (reply.Size > Reply.WholeUpTo) bytes.Hold(reply.Size);
        await GrpcReply.WriteAsync(call, reply, method, json, bytes).ConfigureAwait(false);
        message.Return();
        return null;
    }

    private async ValueTask<Reply> AnswerAsync(HttpContext call, IUnaryMethod method, bool json, MessageBuffer message, CallBytes bytes)
    {
        if (CallTimeout.OfGrpc(call.Request.Headers, runner.Time) is not { } deadline) return Reply.Failed(BadTimeout);
        var (caller, refusal) = await admission.AdmitAsync(call, method, deadline, bytes).ConfigureAwait(false);
        if (refusal is not null) return Reply.Failed(refusal);
        var (compressed, error) = await GrpcFrame.ReadAsync(call.Request.BodyReader, message, deadline).ConfigureAwait(false);
        if (error is not null) return Reply.Failed(error);
        if (compressed && Unpack(call.Request.Headers["grpc-encoding"].ToString(), message) is { } broken)
        {
            call.Response.Headers.GrpcAcceptEncoding = "identity,gzip";
            return Reply.Failed(broken);
        }

        if (json && JsonRequest.Unpack(message, method.RequestType) is { } jsonError) return Reply.Failed(jsonError);
        return await runner.RunAsync(method, message.Written, call, caller, deadline).ConfigureAwait(false);
    }

    private static PublishError? Unpack(string encoding, MessageBuffer message) => encoding switch
    {
        "gzip" => Gzip.Unpack(message),
        "" or "identity" => NoEncoding,
        _ => BadEncoding,
    };
}
