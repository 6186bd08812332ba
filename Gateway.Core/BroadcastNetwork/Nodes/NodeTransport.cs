using System.Reflection;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// The transport to a node: HTTP/2 over TLS for https, in plaintext (h2c) for http. One long-lived connection per node
/// with many streams.
/// </summary>
internal static class NodeTransport
{
    /// <summary>The max size of a message in either direction, in bytes: the network's 25 MiB.</summary>
    internal const int MaxMessageSize = 25 * 1024 * 1024;

    /// <summary>The name and version in the User-Agent header, by which operators of nodes recognize the gateway.</summary>
    internal static readonly string UserAgent = $"xmtp-gateway-dotnet/{Version()}";

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    // The connection is renewed at intervals so that a DNS change is noticed; running calls stay on the old one.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(30);

    /// <summary>Creates the handler of a node's channel; it connects at the first call.</summary>
    /// <param name="address">The node.</param>
    /// <param name="goesUnavailable">
    /// Called when the node accepts no more calls on a connection. Must return at once. Null for no callback.
    /// </param>
    internal static SocketsHttpHandler Handler(Uri address, Action? goesUnavailable = null) => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = PingTimeout,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = ConnectionLifetime,
        PlaintextStreamFilter = (context, _) => new(new NodeConnectionStream(context.PlaintextStream, goesUnavailable)),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = address.Scheme == Uri.UriSchemeHttps, // plaintext HTTP/2 does not pass through a proxy
        ActivityHeadersPropagator = null, // the node of another operator must not continue our trace
    };

    // Without the commit.
    private static string Version() =>
        typeof(NodeTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0";
}
