using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Methods;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Writes the response of a Connect call: only the message, in protobuf or JSON, compressed where <see cref="ReplyGzip"/> says so.
/// </summary>
internal static class ConnectReply
{
    /// <summary>Writes the response.</summary>
    internal static async Task WriteAsync(HttpContext call, Reply reply, IUnaryMethod method, bool json, CallBytes bytes)
    {
        var response = call.Response;
        response.ContentType = json ? "application/json" : "application/proto";
        if (reply.Cost is { } cost) response.Headers[CostTrailer.ConnectName] = CostTrailer.Value(cost);
        using var packed = ReplyGzip.Pack(reply, method, json, call.Request.Headers, "Accept-Encoding", bytes);
        if (packed is null && json)
        {
            await JsonReply.WriteAsync(response, reply, method).ConfigureAwait(false);
            return;
        }

        if (packed is not null) response.Headers.ContentEncoding = "gzip";
        response.ContentLength = packed?.Length ?? reply.Size;
        await response.StartAsync(CancellationToken.None).ConfigureAwait(false);
        if (packed is null) await reply.WriteInPartsAsync(response.BodyWriter).ConfigureAwait(false);
        else await packed.WriteInPartsAsync(response.BodyWriter).ConfigureAwait(false);
    }
}
