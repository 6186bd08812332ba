using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>Configures Kestrel's ports and its limits on slow and large requests.</summary>
/// <remarks>
/// The ports are plaintext: a proxy in front terminates TLS. An endpoint with a certificate can be added in appsettings
/// (<c>Kestrel:Endpoints</c>) or in code, and serves the same protocols. The options may be invalid here: the server is
/// created before the start checks them, and then never listens.
/// </remarks>
internal sealed class ListenerSetup(UncheckedOptions<ApiOptions> api, GatewayAddresses addresses) : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>
    /// The max HTTP body, before its message is parsed: base64 (gRPC-Web text) and chunks make it more than a third larger.
    /// </summary>
    private const long MaxBodySize = 2L * MessageLimit.Bytes;

    /// <summary>The max size of the headers of one call, in bytes as received: xmtpd accepts a token of 60 KB.</summary>
    private const int MaxHeadersSize = 80 * 1024;

    private const int MaxHeaderCount = 100;

    /// <summary>How much of a body the server buffers before it is read, in bytes.</summary>
    private const int UnreadBody = 256 * 1024;

    public void Configure(KestrelServerOptions options)
    {
        addresses.MainPort = Listen(options, api.Value.Port);
        if (api.Value.HttpPort >= 0) addresses.HttpPort = Listen(options, api.Value.HttpPort);
        options.AddServerHeader = false;
        // A TLS terminator in TCP mode leaves the scheme https. The gateway does not use the scheme.
        options.AllowAlternateSchemes = true;
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
        // For endpoints that were added to ours; OpenConnections counts those of our own ports.
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
