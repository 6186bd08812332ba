using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Xmtp.Gateway.Endpoints;

/// <summary>
/// An origin as a browser sends it: scheme and host in lower case, the port unless it is the scheme's default, and
/// nothing after it.
/// </summary>
/// <remarks>
/// <c>https://*.app.example</c> means all subdomains of <c>app.example</c>, but not <c>app.example</c> itself.
/// </remarks>
internal static class CorsOrigin
{
    private const string Any = "*";
    private const string None = "none";
    private const string Opaque = "null";
    private const string Subdomains = "*.";
    private static readonly SearchValues<char> Never = SearchValues.Create("/?#@*\\ ");

    /// <summary>Parses a configured origin.</summary>
    /// <returns>False for an origin that no browser sends, such as one with a path or without a scheme.</returns>
    public static bool TryRead(string text, [NotNullWhen(true)] out string? origin)
    {
        origin = null;
        if (text is Any or None or Opaque)
        {
            origin = text;
            return true;
        }

        var mark = text.IndexOf("://", StringComparison.Ordinal);
        if (mark <= 0) return false;
        var (scheme, rest) = (text[..mark].ToLowerInvariant(), text[(mark + 3)..]);
        var wildcard = rest.StartsWith(Subdomains, StringComparison.Ordinal) ? Subdomains : "";
        rest = rest[wildcard.Length..];
        if (rest.EndsWith('/')) rest = rest[..^1];
        if (rest.Length == 0 || rest.AsSpan().ContainsAny(Never)) return false;
        if (!Uri.TryCreate($"{scheme}://{rest}", UriKind.Absolute, out var url)
            || url.IdnHost.Length == 0
            || (wildcard.Length > 0 && url.HostNameType != UriHostNameType.Dns))
        {
            return false;
        }
        var host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost.Trim('[', ']')}]" : url.IdnHost.ToLowerInvariant();
        origin = $"{scheme}://{wildcard}{host}" + (url.IsDefaultPort || url.Port < 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $":{url.Port}"));
        return true;
    }
}
