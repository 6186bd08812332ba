using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Endpoints.Errors;

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

    private static async Task ServeAsync(CallAdmission admission, RequestDelegate serve, HttpContext call)
    {
        var bytes = admission.Begin(call);
        try
        {
            if (CallAdmission.TakeHeaders(call, bytes) is not { } full)
            {
                await serve(call).ConfigureAwait(false);
                return;
            }

            call.Response.ContentType = "application/grpc";
            GrpcStatus.Write(call.Response, StatusMapper.Map(Reply.Failed(full)));
        }
        finally
        {
            bytes.End();
        }
    }
}
