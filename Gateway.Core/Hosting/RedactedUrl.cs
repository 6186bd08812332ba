namespace Xmtp.Gateway.Hosting;

/// <summary>Shows where a URL points and nothing that could be a credential: scheme, host and port.</summary>
/// <remarks>Providers put API keys in user info, path or query: all of that is left out, and an ellipsis says so.</remarks>
internal static class RedactedUrl
{
    /// <summary>Shows a URL, such as <c>https://rpc.example:8443/…</c>.</summary>
    public static string Show(Uri url)
    {
        var more = url.PathAndQuery.Length > 1 || url.UserInfo.Length > 0;
        return $"{url.Scheme}://{url.Authority}{(more ? "/…" : "")}";
    }

    /// <summary>Shows a text that should be a URL; null when it is none, because then nobody knows which part is secret.</summary>
    public static string? Show(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 ? Show(url) : null;
}
