using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Admission;

/// <summary>
/// Refuses publishes of web pages whose origin is not allowed, where the address alone identifies the caller: such a page needs
/// nothing but a browser at that address, while it does not have a token.
/// </summary>
/// <remarks>
/// CORS leaves it to the browser whether a page may call. A page that is loaded from a name which leads to the gateway only
/// afterwards (DNS rebinding) is of the gateway's own origin to its browser, and asks for no permission. So an own origin counts as
/// allowed only with https, where the certificate would not match that name; over http it has to be configured like any other.
/// Programs send no Origin.
/// </remarks>
internal sealed class ForeignOrigins(GatewayCors cors)
{
    private const int MaxShown = 200;
    private const string Https = "https://";

    /// <summary>Decides on a call of an identified caller.</summary>
    /// <returns>Null, or the refusal, which names the origin.</returns>
    internal PublishError? Check(HttpRequest request, ClientIdentity caller)
    {
        var origins = request.Headers.Origin;
        if (origins.Count == 0 || caller.Kind != ClientAddressIdentityResolver.Kind) return null;
        var origin = origins.ToString();
        if (IsAllowed(origin) || IsOwn(origin, request.Host)) return null;
        return Refusal(origin, "--api.cors-origins (XMTPD_API_CORS_ORIGINS)");
    }

    /// <summary>The refusal of a page.</summary>
    /// <param name="origin">Its origin, which the text shows as far as it is not too long.</param>
    /// <param name="allowed">What names the allowed origins.</param>
    internal static PublishError Refusal(string origin, string allowed)
    {
        var shown = origin.Length <= MaxShown ? origin : origin[..MaxShown];
        return new PublishError(
            PublishErrorKind.PermissionDenied, $"the origin {shown} may not publish here: it is none of {allowed}")
        {
            Reason = "ORIGIN_NOT_ALLOWED",
        };
    }

    private bool IsAllowed(string origin) =>
        cors.Current is var policy && (policy.AllowAnyOrigin || policy.IsOriginAllowed(origin));

    private static bool IsOwn(string origin, HostString host) =>
        host.HasValue
        && origin.StartsWith(Https, StringComparison.OrdinalIgnoreCase)
        && origin.AsSpan(Https.Length).Equals(host.Value, StringComparison.OrdinalIgnoreCase);
}
