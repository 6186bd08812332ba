using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Hosting.Telemetry;

/// <summary>Opens the metrics port, and marks what comes in by it.</summary>
internal sealed class MetricsListener(UncheckedOptions<MetricsOptions> metrics) : IConfigureOptions<KestrelServerOptions>
{
    private static readonly Mark OfThisPort = new();
    private ListenOptions? _port;

    /// <summary>Where it listens; null before the port is open.</summary>
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

    /// <summary>The connection carries it, because a Host header can claim any port.</summary>
    internal sealed class Mark;
}
