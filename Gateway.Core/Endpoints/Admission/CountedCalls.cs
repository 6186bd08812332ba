using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// Counts the open calls of services that Grpc.AspNetCore serves, the watch of health and reflection, in
/// <see cref="BytesInFlight"/>: their streams may stay open indefinitely.
/// </summary>
internal static class CountedCalls
{
    /// <summary>Counts the calls of these endpoints.</summary>
    internal static void Count(IEndpointConventionBuilder endpoints, IServiceProvider services)
    {
        var admission = services.GetRequiredService<CallAdmission>();
        endpoints.Add(endpoint =>
        {
            var serve = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = call => ServeAsync(admission, serve, call);
        });
    }

    // Grpc.AspNetCore bounds the size of a message before it is decompressed, not after.
    private static readonly PublishError Compressed = new(PublishErrorKind.Unimplemented, "grpc-encoding must be identity");

    private static async Task ServeAsync(CallAdmission admission, RequestDelegate serve, HttpContext call)
    {
        var bytes = admission.Begin(call);
        try
        {
            if (Refusal(call, bytes) is not { } refusal)
            {
                await serve(call).ConfigureAwait(false);
                return;
            }

            call.Response.ContentType = "application/grpc";
            GrpcStatus.Write(call.Response, StatusMapper.Map(Reply.Failed(refusal)));
        }
        finally
        {
            bytes.End();
        }
    }

    private static PublishError? Refusal(HttpContext call, CallBytes bytes)
    {
        if (CallAdmission.TakeHeaders(call, bytes) is { } full) return full;
        if (bytes.AttributeToAddress() is { } crowded) return crowded;
        if (call.Request.Headers["grpc-encoding"].ToString() is "" or "identity") return null;
        call.Response.Headers.GrpcAcceptEncoding = "identity";
        return Compressed;
    }
}
