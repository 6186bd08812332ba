namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// How a node is connected to: HTTP/2 over TLS for https, in plaintext (h2c) for http. One long-lived connection a
/// node, many streams on it.
/// </summary>
internal static class NodeTransport
{
    /// <summary>The largest message in either direction, in bytes: the network's 25 MiB.</summary>
    internal const int MaxMessageSize = 25 * 1024 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(10);

    // Now and then a new connection, so that a change of DNS is noticed; calls that run stay on the old one.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(30);

    /// <summary>Makes the handler of a node's channel; it connects at the first call.</summary>
    /// <param name="address">The node.</param>
    /// <param name="goesAway">
    /// Called when the node takes no more calls on a connection. Returns at once. Null where nobody wants to know.
    /// </param>
    internal static SocketsHttpHandler Handler(Uri address, Action? goesAway = null) => new()
    {
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingAfter,
        KeepAlivePingTimeout = PingTimeout,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        PooledConnectionLifetime = ConnectionLifetime,
        PlaintextStreamFilter = (context, _) => new(new NodeConnectionStream(context.PlaintextStream, goesAway)),
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = address.Scheme == Uri.UriSchemeHttps, // plaintext HTTP/2 passes through no proxy
        ActivityHeadersPropagator = null, // a trace of ours ends at the node of another operator
    };
}
