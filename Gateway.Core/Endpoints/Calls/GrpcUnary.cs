using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Serves unary calls over gRPC, and over gRPC-Web after its middleware has unwrapped them.</summary>
/// <remarks>
/// Built on HTTP/2 rather than on Grpc.AspNetCore: the request is read into one pooled array, the response is written
/// from the originators' bytes, a refusal costs no exception, and the gateway's own limits apply. Health and
/// reflection, which are called rarely, use Grpc.AspNetCore.
/// </remarks>
internal sealed class GrpcUnary(CallAdmission admission, CallRunner runner)
{
    private static readonly CallStatus NotHttp2 = StatusMapper.Map(
        Reply.Failed(PublishErrorKind.Unimplemented, "HTTP status 426: gRPC needs HTTP/2"));

    private static readonly PublishError BadTimeout = new(PublishErrorKind.InvalidArgument, "grpc-timeout is malformed");
    private static readonly PublishError BadEncoding = new(PublishErrorKind.Unimplemented, "grpc-encoding must be identity or gzip");
    private static readonly PublishError NoEncoding =
        new(PublishErrorKind.InvalidArgument, "the message is compressed, and grpc-encoding does not say how");

    /// <summary>Serves one call; returns its error, or null.</summary>
    internal async Task<CallStatus?> HandleAsync(HttpContext call, IUnaryMethod method, CallBytes bytes)
    {
        if (!HttpProtocol.IsHttp2(call.Request.Protocol) && !HttpProtocol.IsHttp3(call.Request.Protocol))
        {
            call.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            call.Response.Headers.Upgrade = "h2c";
            return NotHttp2;
        }

        var message = new MessageBuffer(bytes, method.MaxRequestSize);
        var reply = await AnswerAsync(call, method, message, bytes).ConfigureAwait(false);
        call.Response.ContentType = "application/grpc";
        if (reply.Error is not null)
        {
            // A failed call may have left attempts behind that still read the request: then the array is not returned to the pool.
            var status = StatusMapper.Map(reply);
            GrpcStatus.Write(call.Response, status);
            return status;
        }

        if (reply.Size > Reply.WholeUpTo) bytes.Hold(reply.Size);
        await WriteAsync(call, reply).ConfigureAwait(false);
        message.Return();
        return null;
    }

    private async ValueTask<Reply> AnswerAsync(HttpContext call, IUnaryMethod method, MessageBuffer message, CallBytes bytes)
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

        return await runner.RunAsync(method, message.Written, call, caller, deadline).ConfigureAwait(false);
    }

    private static PublishError? Unpack(string encoding, MessageBuffer message) => encoding switch
    {
        "gzip" => Gzip.Unpack(message),
        "" or "identity" => NoEncoding,
        _ => BadEncoding,
    };

    private static async ValueTask WriteAsync(HttpContext call, Reply reply)
    {
        var response = call.Response;
        await response.StartAsync(CancellationToken.None).ConfigureAwait(false);
        GrpcFrame.WriteHeader(response.BodyWriter, (int)reply.Size);
        await reply.WriteInPartsAsync(response.BodyWriter).ConfigureAwait(false);
        var trailers = call.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        if (reply.Cost is { } cost) trailers[CostTrailer.Name] = CostTrailer.Value(cost);
        trailers.GrpcStatus = "0";
    }
}
