using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Telemetry over OTLP.</summary>
internal sealed class TracingSettings : SettingGroup<TracingOptions>
{
    /// <summary>The rows.</summary>
    public TracingSettings()
        : base("Tracing", "Xmtp:Tracing") =>
        Add("tracing.enable", "XMTPD_TRACING_ENABLE", "Enable", SettingTypes.Switch, (o, v) => o.Enable = v, "false",
            "send traces, metrics and logs by OTLP; OTEL_EXPORTER_OTLP_ENDPOINT says where to and turns it on as well, " +
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (METRICS, LOGS) one of them");
}
