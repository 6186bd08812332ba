namespace Xmtp.Gateway.Hosting.Options;

/// <summary>Traces, metrics and logs by OTLP.</summary>
public sealed class TracingOptions
{
    /// <summary>
    /// Whether they are sent even if no <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set (then to port 4317 of this machine);
    /// default no.
    /// </summary>
    public bool Enable { get; set; }
}
