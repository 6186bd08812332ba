using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Methods;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Writes the response of a gRPC call: one frame, in protobuf or JSON, compressed where <see cref="ReplyGzip"/> says so.</summary>
internal static class GrpcReply
{
    /// <summary>Writes the response and its trailers.</summary>
    internal static async ValueTask WriteAsync(HttpContext call, Reply reply, IUnaryMethod method, bool json, CallBytes bytes)
    {
        var response = call.Response;
        using var packed = ReplyGzip.Pack(reply, method, json, call.Request.Headers, "grpc-accept-encoding", bytes);
        using var plain = json && packed is null ? JsonReply.Render(reply, method, bytes) : null;
        if (packed is not null) response.Headers.GrpcEncoding = "gzip";
        await response.StartAsync(CancellationToken.None).ConfigureAwait(false);
        var complete = packed ?? plain;
        GrpcFrame.WriteHeader(response.BodyWriter, packed is not null, (int)(complete?.Length ?? reply.Size));
        if (complete is null) await reply.WriteInPartsAsync(response.BodyWriter).ConfigureAwait(false);
        else await complete.WriteInPartsAsync(response.BodyWriter).ConfigureAwait(false);
        var trailers = call.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers;
        if (reply.Cost is { } cost) trailers[CostTrailer.Name] = CostTrailer.Value(cost);
        trailers.GrpcStatus = "0";
    }
}
