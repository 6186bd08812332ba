using System.Net;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// The process's proxy, bypassed for this machine's own addresses: a proxy on another machine cannot reach them,
/// whatever <c>HTTP_PROXY</c> says.
/// </summary>
/// <remarks><c>NO_PROXY</c> stays in force for all other addresses.</remarks>
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

    /// <summary>Wraps the default proxy of the process's HTTP clients and WebSockets; only once.</summary>
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
