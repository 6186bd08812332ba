using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>Decides who sees the pages of the metrics port: the operator on this machine, or a caller with the token.</summary>
/// <remarks>
/// Without the token the connection must come from loopback, name a loopback host (a web page that rebinds its own name to
/// loopback sends that name), and carry no header of a proxy: a proxy on this machine passes on what others ask. A request
/// that a page of another origin makes is refused with the token too. The metrics and the health pages need none of it.
/// </remarks>
/// <param name="token">Returns the token; null for none.</param>
internal sealed class OperatorAccess(Func<string?> token)
{
    private const string Bearer = "Bearer ";
    private const string Basic = "Basic ";

    // UseForwardedHeaders renames those that it has applied to X-Original-*.
    private static readonly string[] ProxyPrefixes = ["X-Forwarded", "X-Original-"];

    private static readonly string[] ProxyHeaders =
        ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP"];

    /// <summary>Whether the call may see the pages.</summary>
    public bool Allows(HttpContext call) => !IsOfAnotherSite(call.Request.Headers) && (HasToken(call) || IsLocal(call));

    /// <summary>Answers a call that may not: 401 where there is a token to give, else 403. The text names no page's content.</summary>
    public Task RefuseAsync(HttpContext call)
    {
        var asks = token() is not null && !IsOfAnotherSite(call.Request.Headers);
        call.Response.StatusCode = asks ? StatusCodes.Status401Unauthorized : StatusCodes.Status403Forbidden;
        // A browser asks for a name and a password, and sends the token as the password.
        if (asks) call.Response.Headers.WWWAuthenticate = "Basic realm=\"xmtp-gateway\", charset=\"UTF-8\"";
        Protect(call.Response.Headers);
        call.Response.ContentType = "text/plain; charset=utf-8";
        return call.Response.WriteAsync(
            "This page is for the operator: open it on the gateway's own machine, as http://localhost:PORT/ and not through a proxy, or " +
            "send the token of --metrics.admin-token-file. The metrics are at /metrics.\n",
            call.RequestAborted);
    }

    /// <summary>Sets the headers that keep a page out of caches, frames and other origins' pages.</summary>
    public static void Protect(IHeaderDictionary headers)
    {
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
    }

    // Browsers say where a request comes from. Following a link is allowed: only the operator sees what it shows.
    private static bool IsOfAnotherSite(IHeaderDictionary headers) =>
        headers["Sec-Fetch-Site"].ToString() is "cross-site" or "same-site" && headers["Sec-Fetch-Mode"] != "navigate";

    private static bool IsLocal(HttpContext call) =>
        call.Connection.RemoteIpAddress is { } caller && IsLoopback(caller)
            && NamesLoopback(call.Request.Host.Host)
            && !call.Request.Headers.Keys.Any(IsOfProxy);

    private static bool NamesLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IsLoopback(address));

    private static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsOfProxy(string header) =>
        Array.Exists(ProxyPrefixes, prefix => header.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            || ProxyHeaders.Contains(header, StringComparer.OrdinalIgnoreCase);

    private bool HasToken(HttpContext call) =>
        token() is { } expected && Given(call.Request.Headers.Authorization.ToString()) is { } given
            && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private static string? Given(string authorization)
    {
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)) return authorization[Bearer.Length..].Trim();
        if (!authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)) return null;
        var buffer = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Basic.Length..].Trim(), buffer, out var length)) return null;
        var text = Encoding.UTF8.GetString(buffer, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var at ? text[(at + 1)..] : null;
    }
}
