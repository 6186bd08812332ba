using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Operator.Access;

/// <summary>The settings of the operator's page.</summary>
internal sealed class OperatorSettings : SettingGroup<OperatorOptions>
{
    /// <summary>Creates the settings.</summary>
    public OperatorSettings()
        : base("The operator's page", "Xmtp:Metrics")
    {
        Add(
            "metrics.admin-token-file",
            "XMTPD_METRICS_ADMIN_TOKEN_FILE",
            "AdminTokenFile",
            SettingTypes.File,
            (o, v) => o.AdminTokenFile = v,
            null,
            "file of the token that the pages of the metrics port ask for, except of loopback");
        Add(
            "metrics.watcher-url",
            "XMTPD_METRICS_WATCHER_URL",
            "WatcherUrl",
            SettingTypes.HttpUrl,
            (o, v) => o.WatcherUrl = v,
            null,
            "a chain watcher, such as http://watcher:8008, whose events the operator's page shows");
    }
}
