namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The rate limits and budgets of a gateway, and the policy while their store is unavailable.</summary>
public sealed class LimitsOptions
{
    /// <summary>All of them apply: a publish takes from each, or from none.</summary>
    public IList<RateLimit> Rates { get; } = [];

    /// <summary>All of them apply, together with the rates.</summary>
    public IList<Budget> Budgets { get; } = [];

    /// <summary>The policy while Redis is unavailable; default closed.</summary>
    public StoreUnavailablePolicy WhenStoreUnavailable { get; set; }

    /// <summary>
    /// The max number of calls of one identity per minute that repeat envelopes, at each replica: answered with an earlier
    /// result or not, they take from no other limit. At least 0, which means no bound; default 10,000. Above it, every
    /// request of the identity is refused.
    /// </summary>
    public int RepeatedCalls { get; set; } = 10_000;

    /// <summary>
    /// The max bytes of the envelopes in these calls per minute. At least 0, which means no bound; default 1 GiB.
    /// </summary>
    public long RepeatedBytes { get; set; } = 1L << 30;

    /// <summary>The max of <see cref="GatewayPortion"/>.</summary>
    internal const int MaxGatewayPortion = 50;

    /// <summary>
    /// How much of a limit or budget of the whole gateway a replica takes from Redis at once and then uses alone, in percent of
    /// its capacity. 0 to 50; default 0: each publish takes its own amount.
    /// </summary>
    public int GatewayPortion { get; set; }

    /// <summary>
    /// How long a publish waits for Redis before <see cref="WhenStoreUnavailable"/> decides, and before an envelope for
    /// the App Chain is UNAVAILABLE. More than zero; default 2 s.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>What a gateway does while the store of its limits is unavailable.</summary>
public enum StoreUnavailablePolicy
{
    /// <summary>Refuses every publish as UNAVAILABLE: no money is spent uncounted.</summary>
    Closed,

    /// <summary>Publishes for everyone who is otherwise allowed; nothing is counted.</summary>
    Open,

    /// <summary>Each replica counts separately in memory, starting with full buckets and unspent budgets.</summary>
    Local,
}
