namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The store's bounds. All replicas of one payer must use the same.</summary>
public sealed record NonceStoreOptions
{
    /// <summary>
    /// How many nonces that the chain has not used may be leased or in flight at once, by all replicas together. 1 to 64;
    /// default 32, half of what mempools hold of one sender.
    /// </summary>
    public int MaxInFlight { get; set; } = 32;

    /// <summary>How long a lease lives without being renewed. More than zero; default 15 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a new or emptied shared store offers nothing, so that every replica can enter what it has in flight.
    /// Default 3 s.
    /// </summary>
    public TimeSpan Settling { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the chain may be behind the store, as a lagging endpoint is, before the store goes back to it. Default
    /// 1 minute.
    /// </summary>
    public TimeSpan ReorgTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long an answer of the store is waited for. More than zero; default 2 s.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a caller waits in all for a store that does not answer, its deadline apart. More than zero; a gateway
    /// sets <c>--limits.store-timeout</c>.
    /// </summary>
    internal TimeSpan StoreWaitTimeout { get; set; } = TimeSpan.MaxValue;
}
