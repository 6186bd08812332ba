using System.Net;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>The addresses that the gateway listens on. Useful when a port was given as 0 and the system chose one.</summary>
public sealed class GatewayAddresses
{
    internal GatewayPort? MainPort { get; set; }

    internal GatewayPort? HttpPort { get; set; }

    internal MetricsListener? MetricsPort { get; init; }

    /// <summary>The port of all protocols; null before it is open.</summary>
    public IPEndPoint? Main => Open(MainPort);

    /// <summary>The second port; null before it is open, or when it is turned off.</summary>
    public IPEndPoint? Http => Open(HttpPort);

    /// <summary>The metrics port; null when it is turned off.</summary>
    public IPEndPoint? Metrics => MetricsPort?.EndPoint;

    private static IPEndPoint? Open(GatewayPort? port) => port is { IsBound: true } ? port.EndPoint : null;
}
