namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>A URL without its secrets: only scheme, host and port.</summary>
/// <remarks>Providers put keys in the path, the query and the user part, so none of these is shown.</remarks>
public static class RedactedUrl
{
    /// <summary>Such as <c>https://rpc.example.org:443</c>.</summary>
    public static string Of(Uri url) => $"{url.Scheme}://{url.Host}:{url.Port}";
}
