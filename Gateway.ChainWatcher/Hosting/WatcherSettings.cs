using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>The settings that only the watcher has.</summary>
internal sealed class WatcherSettings : SettingGroup<WatcherOptions>
{
    /// <summary>The rows.</summary>
    public WatcherSettings()
        : base("Watcher", "Xmtp:Watcher")
    {
        Add(
            "watcher.payer-address",
            "XMTPD_WATCHER_PAYER_ADDRESS",
            "PayerAddress",
            SettingTypes.Address,
            (o, v) => o.PayerAddress = v,
            null,
            "payer whose deposits, usage, withdrawals and debt are followed");
        Add(
            "watcher.state-folder",
            "XMTPD_WATCHER_STATE_FOLDER",
            "StateFolder",
            SettingTypes.Text,
            (o, v) => o.StateFolder = v,
            "watcher-state",
            "folder of the checkpoints without Redis");
        Add(
            "watcher.save-interval",
            "XMTPD_WATCHER_SAVE_INTERVAL",
            "SaveInterval",
            SettingTypes.PositiveAge,
            (o, v) => o.SaveInterval = v,
            "2s",
            "how often a checkpoint is written while there is much to read");
        Add("watcher.lease", "XMTPD_WATCHER_LEASE", "Lease", SettingTypes.PositiveDuration, (o, v) => o.Lease = v, "15s",
            "how long a watcher that has stopped still counts as the leader, at least 1s");
        Add(
            "watcher.report-cycle",
            "XMTPD_WATCHER_REPORT_CYCLE",
            "ReportCycle",
            SettingTypes.PositiveAge,
            (o, v) => o.ReportCycle = v,
            "1h",
            "how often nodes settle reports; one that waits for two of these is stuck");
        Add(
            "watcher.active-originator-window",
            "XMTPD_WATCHER_ACTIVE_ORIGINATOR_WINDOW",
            "ActiveOriginatorWindow",
            SettingTypes.PositiveAge,
            (o, v) => o.ActiveOriginatorWindow = v,
            "150m",
            "how long an originator counts as active after its last report");
        Add("watcher.network", "XMTPD_WATCHER_NETWORK", "Network", SettingTypes.Switch, (o, v) => o.Network = v, "false",
            "watch each node's sync cursor, as xmtpd's network-watcher does");
        Add(
            "watcher.network-min-backoff",
            "XMTPD_WATCHER_NETWORK_MIN_BACKOFF",
            "NetworkMinBackoff",
            SettingTypes.PositiveDuration,
            (o, v) => o.NetworkMinBackoff = v,
            "1s",
            "first wait before a node's stream is opened again; it doubles");
        Add(
            "watcher.network-max-backoff",
            "XMTPD_WATCHER_NETWORK_MAX_BACKOFF",
            "NetworkMaxBackoff",
            SettingTypes.PositiveDuration,
            (o, v) => o.NetworkMaxBackoff = v,
            "30s",
            "longest of these waits");
        Add(
            "watcher.network-max-silence",
            "XMTPD_WATCHER_NETWORK_MAX_SILENCE",
            "NetworkMaxSilence",
            SettingTypes.PositiveDuration,
            (o, v) => o.NetworkMaxSilence = v,
            "90s",
            "how long a node may send nothing before it counts as down; nodes send at least every 30s");
    }

    /// <inheritdoc/>
    protected override void Check(WatcherOptions options, ICollection<string> faults)
    {
        if (options.Lease < TimeSpan.FromSeconds(1)) faults.Add("--watcher.lease (XMTPD_WATCHER_LEASE): expected at least 1s");
    }
}
