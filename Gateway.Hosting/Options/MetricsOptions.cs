namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The Prometheus endpoint.</summary>
public sealed class MetricsOptions
{
    /// <summary>Whether it is served; default no.</summary>
    public bool Enable { get; set; }

    /// <summary>
    /// The address to bind; default 127.0.0.1, or 0.0.0.0 when a watcher was given its port as <c>--metrics-port</c> or
    /// <c>METRICS_PORT</c>.
    /// </summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>The port. 0 takes a free one; default 8008.</summary>
    public int Port { get; set; } = 8008;
}
