using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The chain's position for an account.</summary>
/// <param name="Genesis">
/// The hash of block 0: a different hash means a different chain, whatever its id. All zeros when the endpoint does not
/// serve it.
/// </param>
/// <param name="Mined">The next nonce as of the newest block.</param>
/// <param name="Pending">The next nonce including the mempool; never below <paramref name="Mined"/>.</param>
public sealed record ChainPosition(Bytes32 Genesis, ulong Mined, ulong Pending)
{
    /// <summary>Whether the other position is certainly of a different chain.</summary>
    internal bool IsElsewhere(ChainPosition other) => Genesis != default && other.Genesis != default && Genesis != other.Genesis;
}

/// <summary>A request for nonces.</summary>
/// <param name="Owner">Identifies the lease. A second request with the same owner returns the same nonces.</param>
/// <param name="Count">The max number; at least 1.</param>
/// <param name="Above">Only nonces above this one; null for any.</param>
/// <param name="GapsOnly">
/// Only nonces below one that has a transaction, regardless of the max in flight: to cancel gaps.
/// </param>
public sealed record NonceRequest(string Owner, int Count = 1, ulong? Above = null, bool GapsOnly = false);

/// <summary>Reserved nonces, ascending, or the reason why there are none.</summary>
/// <param name="Status">Done, Full, Settling, Forgotten or Unavailable.</param>
/// <param name="Nonces">At least one when done.</param>
public sealed record NonceReservation(NonceStoreStatus Status, IReadOnlyList<ulong> Nonces)
{
    /// <summary>No nonces.</summary>
    public static NonceReservation None(NonceStoreStatus status) => new(status, []);
}

/// <summary>The result of renewing leases.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Lost">
/// The nonces that another lease holds now, or that are no longer in the store though the chain has not used them.
/// </param>
public sealed record RenewResult(NonceStoreStatus Status, IReadOnlyList<ulong> Lost);

/// <summary>What the chain's position changed in the store.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Unaccounted">
/// How many nonces the chain has used for which this store has no transaction: another sender uses this wallet.
/// </param>
/// <param name="WentBack">
/// Whether the store moved back to the chain's position, because the chain did not catch up in time.
/// </param>
public sealed record ObserveResult(NonceStoreStatus Status, int Unaccounted, bool WentBack)
{
    /// <summary>
    /// The kept transactions of nonces that the chain no longer counts as used, ascending, without the raw transactions: a
    /// reorganization may have removed them, or the endpoint lags. When the store goes back they are restored.
    /// </summary>
    public IReadOnlyList<NonceEntry> Removed { get; init; } = [];
}

/// <summary>The result of restoring kept transactions.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Count">How many were entered again.</param>
public sealed record RestoreResult(NonceStoreStatus Status, int Count);

/// <summary>Entries of the store, ascending.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Entries">The entries.</param>
/// <param name="Floor">Every nonce below it is used.</param>
/// <param name="Now">The store's clock.</param>
public sealed record NonceEntries(NonceStoreStatus Status, IReadOnlyList<NonceEntry> Entries, ulong Floor, DateTimeOffset Now)
{
    /// <summary>No entries.</summary>
    public static NonceEntries None(NonceStoreStatus status) => new(status, [], 0, default);
}
