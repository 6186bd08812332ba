namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The bounds of the nonce store. All replicas of one payer must use the same values.</summary>
public sealed record NonceStoreOptions
{
    /// <summary>
    /// The max number of nonces that may be leased or in flight at once, over all replicas, not counting those that the
    /// chain has used. 1 to 64; default 32, half of what mempools hold per sender.
    /// </summary>
    public int MaxInFlight { get; set; } = 32;

    /// <summary>How long a lease lasts without renewal. More than zero; default 15 s.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a new or emptied shared store reserves nothing, so that every replica can enter what it has in flight.
    /// Default 3 s.
    /// </summary>
    public TimeSpan Settling { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long the chain may be behind the store, as with a lagging endpoint, before the store moves back to the
    /// chain's position. Until then transactions above a nonce that is missing wait. Default 10 s.
    /// </summary>
    public TimeSpan ReorgTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How many of the newest nonces keep their mined transaction, which is broadcast again when a reorganization of the
    /// chain removes it. 0 for none; default 256.
    /// </summary>
    public int MaxMinedKept { get; set; } = 256;

    /// <summary>The timeout of one call to the store. More than zero; default 2 s.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The max total time that a caller waits for a store that does not answer, apart from the caller's deadline. More
    /// than zero; a gateway sets <c>--limits.store-timeout</c>.
    /// </summary>
    internal TimeSpan StoreWaitTimeout { get; set; } = TimeSpan.MaxValue;
}
