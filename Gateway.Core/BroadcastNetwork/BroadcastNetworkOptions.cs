namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>How the payer's envelopes reach nodes.</summary>
public sealed class BroadcastNetworkOptions
{
    /// <summary>The strategy that chooses a node: stable, manual, ordered, random or closest.</summary>
    public string NodeSelectorStrategy { get; set; } = "stable";

    /// <summary>The preferred nodes of manual, ordered and closest, in order.</summary>
    public IReadOnlyList<uint> PreferredNodes { get; set; } = [];

    /// <summary>How long a measured connect time is used (closest). More than zero; default 5 minutes.</summary>
    public TimeSpan NodeSelectorCacheExpiry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The timeout of a connect that is measured (closest). More than zero; default 2 s.</summary>
    public TimeSpan NodeSelectorConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>The timeout of one attempt at one node. More than zero; default 30 s.</summary>
    public TimeSpan EnvelopePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The max number of attempts per envelope, each at another node; 0 is one attempt. Default 5.</summary>
    public int EnvelopePublishRetries { get; set; } = 5;

    /// <summary>
    /// The max number of envelopes that publishes which arrive while calls to a node are under way send in one call; 0 or 1
    /// sends each publish in a call of its own. Default 50.
    /// </summary>
    public int MaxCoalescedEnvelopes { get; set; } = 50;

    /// <summary>
    /// How many of a node's answers have their signature verified: <c>always</c>, or <c>sampled</c> (the first ones
    /// of a connection, then a part of them, and all again after a wrong one).
    /// </summary>
    public string VerifyNodeSignatures { get; set; } = "sampled";
}
