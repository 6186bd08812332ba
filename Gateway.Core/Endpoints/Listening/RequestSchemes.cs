using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Accepts requests for http and https on every port, whether or not this process terminates TLS, and no other scheme.
/// </summary>
internal static class RequestSchemes
{
    /// <summary>Adds the check in front of the endpoints: a request for another scheme is 400.</summary>
    internal static void Use(IApplicationBuilder app) => app.Use(static (call, next) =>
    {
        if (IsKnown(call.Request.Scheme)) return next(call);
        call.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    });

    private static bool IsKnown(string scheme) =>
        scheme.Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase)
            || scheme.Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
}
