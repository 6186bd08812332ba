using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The settings of how the payer's envelopes reach nodes.</summary>
internal sealed class BroadcastNetworkSettings : SettingGroup<BroadcastNetworkOptions>
{
    /// <summary>Creates the settings.</summary>
    public BroadcastNetworkSettings()
        : base("Payer", "Xmtp:Payer")
    {
        Add("payer.node-selector-strategy", "XMTPD_PAYER_NODE_SELECTOR_STRATEGY", "NodeSelectorStrategy",
            SettingTypes.OneOf("stable", "manual", "ordered", "random", "closest"),
            (o, v) => o.NodeSelectorStrategy = v,
            "stable",
            "how a node is chosen");
        Add("payer.node-selector-preferred-nodes", "XMTPD_PAYER_NODE_SELECTOR_PREFERRED_NODES", "PreferredNodes", SettingTypes.NodeIds,
            (o, v) => o.PreferredNodes = v, null, "nodes that manual, ordered and closest prefer, in order");
        Add(
            "payer.node-selector-cache-expiry",
            "XMTPD_PAYER_NODE_SELECTOR_CACHE_EXPIRY",
            "NodeSelectorCacheExpiry",
            SettingTypes.Duration,
            (o, v) => o.NodeSelectorCacheExpiry = v > TimeSpan.Zero ? v : o.NodeSelectorCacheExpiry,
            "5m",
            "how long closest uses a measured connect time; 0 is the default");
        Add(
            "payer.node-selector-connect-timeout",
            "XMTPD_PAYER_NODE_SELECTOR_CONNECT_TIMEOUT",
            "NodeSelectorConnectTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.NodeSelectorConnectTimeout = v, "2s", "connect timeout of closest; 0 is the default");
        TakeZeroForNone("payer.node-selector-connect-timeout");
        Add(
            "payer.envelope-publish-timeout",
            "XMTPD_PAYER_ENVELOPE_PUBLISH_TIMEOUT",
            "EnvelopePublishTimeout",
            SettingTypes.PositiveDuration,
            (o, v) => o.EnvelopePublishTimeout = v, "30s", "how long one attempt at one node may take");
        Add("payer.envelope-publish-retries", "XMTPD_PAYER_ENVELOPE_PUBLISH_RETRIES", "EnvelopePublishRetries", SettingTypes.Count,
            (o, v) => o.EnvelopePublishRetries = v, "5", "max attempts to publish an envelope, each at another node; 0 is one");
        Add(
            "payer.max-coalesced-envelopes",
            "XMTPD_PAYER_MAX_COALESCED_ENVELOPES",
            "MaxCoalescedEnvelopes",
            SettingTypes.Count,
            (o, v) => o.MaxCoalescedEnvelopes = v,
            "50",
            "max envelopes of different publishes that leave in one call to a node while others are under way; 0 or 1 turns it off");
        Add(
            "payer.verify-node-signatures",
            "XMTPD_PAYER_VERIFY_NODE_SIGNATURES",
            "VerifyNodeSignatures",
            SettingTypes.OneOf("always", "sampled"),
            (o, v) => o.VerifyNodeSignatures = v, "sampled", "how many of the nodes' answers have their signature checked");
        AddWithoutEffect("payer.enable", "XMTPD_PAYER_ENABLE", SettingTypes.Switch, "the payer API is always on");
    }

    /// <inheritdoc/>
    protected override void Check(BroadcastNetworkOptions options, ICollection<string> faults)
    {
        if (options.NodeSelectorStrategy is "manual" or "ordered" && options.PreferredNodes.Count == 0)
        {
            faults.Add(
                $"--payer.node-selector-preferred-nodes (XMTPD_PAYER_NODE_SELECTOR_PREFERRED_NODES): the " +
                $"strategy {options.NodeSelectorStrategy} needs at least one node id");
        }
    }
}
