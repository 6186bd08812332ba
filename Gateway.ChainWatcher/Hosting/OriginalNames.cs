using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>
/// The flags and variables of the original chain watcher and network watcher, as other names of this watcher's settings.
/// </summary>
internal static class OriginalNames
{
    private const string Settlement = "contracts.settlement-chain.";

    private static readonly (string Flag, string[] Flags, string[] Variables)[] All =
    [
        ("contracts.environment", ["contracts-env"], []),
        (Settlement + "rpc-url", ["rpc-url"], ["SETTLEMENT_CHAIN_RPC_URL"]),
        (Settlement + "wss-url", ["wss-url"], ["SETTLEMENT_CHAIN_WSS_URL"]),
        (Settlement + "payer-report-manager-address", ["prm-address"], ["PAYER_REPORT_MANAGER_ADDRESS"]),
        (Settlement + "payer-registry-address", ["pr-address"], ["PAYER_REGISTRY_ADDRESS"]),
        (Settlement + "deployment-block", ["deploy-block"], ["DEPLOYMENT_BLOCK"]),
        (Settlement + "max-chain-disconnect-time", [], ["MAX_CHAIN_DISCONNECT_TIME"]),
        (Settlement + "backfill-block-page-size", [], ["BACKFILL_BLOCK_PAGE_SIZE"]),
        ("watcher.active-originator-window", [], ["ACTIVE_ORIGINATOR_WINDOW"]),
        ("metrics.metrics-port", ["metrics-port"], ["METRICS_PORT"]),
        (Settlement + "node-registry-address", ["node-registry-address"], ["NODE_REGISTRY_ADDRESS"]),
        (Settlement + "node-registry-refresh-interval", ["node-registry-refresh-interval"], ["NODE_REGISTRY_REFRESH_INTERVAL"]),
        ("watcher.network-min-backoff", ["reconnect-min-backoff"], ["RECONNECT_MIN_BACKOFF"]),
        ("watcher.network-max-backoff", ["reconnect-max-backoff"], ["RECONNECT_MAX_BACKOFF"]),
    ];

    // Their zeros mean the default, as the original has it; those of the chains do so in the gateway too.
    private static readonly string[] ZeroIsDefault =
        ["watcher.active-originator-window", "watcher.network-min-backoff", "watcher.network-max-backoff"];

    /// <summary>Adds the names to the rows of these groups, and returns the groups.</summary>
    public static IReadOnlyList<SettingGroup> On(params SettingGroup[] groups)
    {
        SettingGroup Of(string flag) => groups.Single(group => group.Settings.Any(row => row.Flag == flag));

        foreach (var (flag, flags, variables) in All) Of(flag).AddNames(flag, flags, variables);
        foreach (var flag in ZeroIsDefault) Of(flag).TakeZeroForNone(flag);
        return groups;
    }
}
