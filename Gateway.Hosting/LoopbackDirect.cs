using System.Net;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The process's proxy, but for this machine's own addresses: whatever <c>HTTP_PROXY</c> says, a proxy elsewhere cannot
/// reach them.
/// </summary>
/// <remarks><c>NO_PROXY</c> goes on to count for everything else.</remarks>
internal sealed class LoopbackDirect : IWebProxy
{
    private static readonly Lock Installing = new();
    private readonly IWebProxy _inner;

    private LoopbackDirect(IWebProxy inner) => _inner = inner;

    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => _inner.Credentials;
        set => _inner.Credentials = value;
    }

    /// <summary>Puts it in front of the proxy that HTTP clients and WebSockets of this process take; once.</summary>
    public static void Install()
    {
        lock (Installing)
        {
            if (HttpClient.DefaultProxy is not LoopbackDirect) HttpClient.DefaultProxy = new LoopbackDirect(HttpClient.DefaultProxy);
        }
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsOwn(destination) ? null : _inner.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => IsOwn(host) || _inner.IsBypassed(host);

    private static bool IsOwn(Uri url) => url.IsLoopback || url.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
