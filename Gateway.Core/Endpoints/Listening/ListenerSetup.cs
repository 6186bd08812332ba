using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>Tells Kestrel the gateway's ports and how long and how much it lets a client be slow.</summary>
/// <remarks>
/// The ports are plaintext: a proxy in front ends TLS. An endpoint with a certificate can be added beside them, in
/// appsettings (<c>Kestrel:Endpoints</c>) or in code, and serves the same protocols. The options may have faults: the
/// server is made before the start looks for them, and then never listens.
/// </remarks>
internal sealed class ListenerSetup(UncheckedOptions<ApiOptions> api, GatewayAddresses addresses) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>
    /// The largest HTTP body, before anybody looks at the message in it: base64 (gRPC-Web text) and chunks make it a
    /// good third larger.
    /// </summary>
    private const long MaxBodySize = 2L * MessageLimit.Bytes;

    /// <summary>The headers of one call, in bytes as they come.</summary>
    private const int MaxHeadersSize = 32 * 1024;

    private const int MaxHeaderCount = 100;

    /// <summary>What the server takes of a body before anybody reads it, in bytes.</summary>
    private const int UnreadBody = 256 * 1024;

    public void Configure(KestrelServerOptions options)
    {
        addresses.MainPort = Listen(options, api.Value.Port);
        if (api.Value.HttpPort >= 0) addresses.HttpPort = Listen(options, api.Value.HttpPort);
        options.AddServerHeader = false;
        SetLimits(options.Limits, api.Value);
    }

    private GatewayPort Listen(KestrelServerOptions options, int number)
    {
        var port = new GatewayPort(new IPEndPoint(Address(api.Value.BindAddress), number));
        foreach (var protocol in new[] { HttpProtocols.Http2, HttpProtocols.Http1 })
            options.Listen(new GatewayEndPoint(port, protocol), listen => listen.Protocols = protocol);
        return port;
    }

    private static IPAddress Address(string text) => text switch
    {
        "*" or "+" => IPAddress.IPv6Any,
        "localhost" => IPAddress.Loopback,
        _ => IPAddress.Parse(text),
    };

    private static void SetLimits(KestrelServerLimits limits, ApiOptions api)
    {
        limits.MaxRequestBodySize = MaxBodySize;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        // Endpoints that were added beside ours; OpenConnections counts those of our own ports.
        limits.MaxConcurrentConnections = Math.Max(1, api.Connections);
        limits.MaxRequestHeadersTotalSize = MaxHeadersSize;
        limits.MaxRequestHeaderCount = MaxHeaderCount;
        limits.MaxRequestBufferSize = UnreadBody;
        limits.Http2.MaxStreamsPerConnection = Math.Max(1, api.MaxStreamsPerConnection);
        limits.Http2.MaxRequestHeaderFieldSize = MaxHeadersSize;
        limits.Http2.InitialStreamWindowSize = UnreadBody;
        limits.Http2.InitialConnectionWindowSize = 2 * UnreadBody;
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }
}
