using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>Opens the metrics port and marks the connections to it.</summary>
internal sealed class MetricsListener(UncheckedOptions<MetricsOptions> metrics) : IConfigureOptions<KestrelServerOptions>
{
    private static readonly Mark OfThisPort = new();
    private ListenOptions? _port;

    /// <summary>The address it listens on; null before the port is open.</summary>
    public IPEndPoint? EndPoint => _port?.IPEndPoint;

    /// <inheritdoc/>
    public void Configure(
        KestrelServerOptions options) => options.Listen(IPAddress.Parse(metrics.Value.Address), metrics.Value.Port, listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        _port = listen;
        listen.Use(next => connection =>
        {
            connection.Features.Set(OfThisPort);
            return next(connection);
        });
    });

    /// <summary>A mark on the connection, because a Host header can name any port.</summary>
    internal sealed class Mark;
}
