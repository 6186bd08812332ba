using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The log.</summary>
internal sealed class LogSettings : SettingGroup<LogOptions>
{
    /// <summary>The rows.</summary>
    public LogSettings()
        : base("Log", "Xmtp:Log")
    {
        Amend(Add("log.log-level", "XMTPD_LOG_LEVEL", "Level", SettingTypes.OneOf(
            "debug", "info", "warn", "error", "dpanic", "panic", "fatal"),
            (o, v) => o.Level = v, "info", "min level that is logged, in either case") with
        {
            Short = 'l',
        });
        Add(
            "log.log-encoding",
            "XMTPD_LOG_ENCODING",
            "Encoding",
            SettingTypes.OneOf("console", "json"),
            (o, v) => o.Encoding = v,
            "console",
            "form of the log");
    }
}
