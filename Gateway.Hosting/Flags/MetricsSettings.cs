using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The Prometheus endpoint.</summary>
internal sealed class MetricsSettings : SettingGroup<MetricsOptions>
{
    /// <summary>The rows.</summary>
    public MetricsSettings()
        : base("Metrics", "Xmtp:Metrics")
    {
        Add(
            "metrics.enable",
            "XMTPD_METRICS_ENABLE",
            "Enable",
            SettingTypes.Switch,
            (o, v) => o.Enable = v,
            "false",
            "serve Prometheus at /metrics");
        Add(
            "metrics.metrics-address",
            "XMTPD_METRICS_METRICS_ADDRESS",
            "Address",
            SettingTypes.BindAddress,
            (o, v) => o.Address = v,
            "127.0.0.1",
            "address of the metrics port");
        Add(
            "metrics.metrics-port",
            "XMTPD_METRICS_METRICS_PORT",
            "Port",
            SettingTypes.Port,
            (o, v) => o.Port = v,
            "8008",
            "port of /metrics; 0 takes a free one");
    }
}
