namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The rate limits and budgets of a gateway, and what happens when their store is away.</summary>
public sealed class LimitsOptions
{
    /// <summary>All of them hold: a publish takes from each, or from none.</summary>
    public IList<RateLimit> Rates { get; } = [];

    /// <summary>All of them hold, together with the rates.</summary>
    public IList<Budget> Budgets { get; } = [];

    /// <summary>What happens while Redis is away; default closed.</summary>
    public StoreUnavailablePolicy WhenStoreUnavailable { get; set; }

    /// <summary>
    /// How many calls of one identity may be answered with earlier results in a minute, by each replica; they take from no
    /// other limit. At least 0, which bounds nothing; default 10,000. Beyond, everything of the identity waits.
    /// </summary>
    public int RepeatedCalls { get; set; } = 10_000;

    /// <summary>How many bytes of envelopes these calls may hold in a minute. At least 0, which bounds nothing; default 1 GiB.</summary>
    public long RepeatedBytes { get; set; } = 1L << 30;

    /// <summary>
    /// How long a publish waits for Redis before <see cref="WhenStoreUnavailable"/> decides, and before an envelope for the App
    /// Chain is UNAVAILABLE. More than zero; default 2 s.
    /// </summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(2);
}

/// <summary>What a gateway does while the store of its limits is away.</summary>
public enum StoreUnavailablePolicy
{
    /// <summary>It refuses every publish as UNAVAILABLE: no money is spent that nobody counts.</summary>
    Closed,

    /// <summary>It publishes for everyone who is otherwise allowed; nothing is counted.</summary>
    Open,

    /// <summary>Each replica counts for itself in memory, from full buckets and unspent budgets.</summary>
    Local,
}
