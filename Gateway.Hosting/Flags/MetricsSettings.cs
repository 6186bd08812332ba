using Microsoft.Extensions.Configuration;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The Prometheus endpoint.</summary>
internal sealed class MetricsSettings : SettingGroup<MetricsOptions>
{
    private readonly Setting _port;

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
        _port = Add(
            "metrics.metrics-port",
            "XMTPD_METRICS_METRICS_PORT",
            "Port",
            SettingTypes.Port,
            (o, v) => o.Port = v,
            "8008",
            "port of /metrics; 0 takes a free one");
    }

    /// <inheritdoc/>
    protected override void Prepare(MetricsOptions options, IConfiguration configuration, ICollection<string> faults)
    {
        // Other names of the port are those of the original's chain watcher, which listens on all addresses.
        if (_port.OtherName(configuration) is not null && _port.Given(configuration) is not null) options.Address = "0.0.0.0";
    }
}
