namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Shows where an endpoint is without what it may hide: scheme, host and port alone.</summary>
/// <remarks>Providers put keys in the path, the query and the user part, so none of these is ever shown.</remarks>
public static class RedactedUrl
{
    /// <summary>Such as <c>https://rpc.example.org:443</c>.</summary>
    public static string Of(Uri url) => $"{url.Scheme}://{url.Host}:{url.Port}";
}
