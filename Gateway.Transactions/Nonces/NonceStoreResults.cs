using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>What the chain says of an account.</summary>
/// <param name="Genesis">
/// The hash of block 0: another one is another chain, whatever its id. All zeros where the endpoint does not serve it.
/// </param>
/// <param name="Mined">The next nonce by the newest block.</param>
/// <param name="Pending">The next nonce with the mempool counted; never below <paramref name="Mined"/>.</param>
public sealed record ChainPosition(Bytes32 Genesis, ulong Mined, ulong Pending)
{
    /// <summary>Whether it is surely of another chain than this one.</summary>
    internal bool IsElsewhere(ChainPosition other) => Genesis != default && other.Genesis != default && Genesis != other.Genesis;
}

/// <summary>A wish for nonces.</summary>
/// <param name="Owner">Names the lease. A second request with the same owner gets the same nonces.</param>
/// <param name="Count">How many at most; at least 1.</param>
/// <param name="Above">Only nonces above this one; null for any.</param>
/// <param name="GapsOnly">Only nonces below one that has a transaction, whatever the maximum says: for filling gaps.</param>
public sealed record NonceRequest(string Owner, int Count = 1, ulong? Above = null, bool GapsOnly = false);

/// <summary>Nonces, ascending, or why there are none.</summary>
/// <param name="Status">Done, Full, Settling, Forgotten or Unavailable.</param>
/// <param name="Nonces">At least one when done.</param>
public sealed record NonceReservation(NonceStoreStatus Status, IReadOnlyList<ulong> Nonces)
{
    /// <summary>No nonces.</summary>
    public static NonceReservation None(NonceStoreStatus status) => new(status, []);
}

/// <summary>Leases that were renewed, and those that are gone.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Lost">The nonces that another lease holds now, or that are in the store no more though the chain has not used them.</param>
public sealed record RenewResult(NonceStoreStatus Status, IReadOnlyList<ulong> Lost);

/// <summary>What the chain's position changed in the store.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Unaccounted">
/// How many nonces the chain has used that this store never gave a transaction: somebody else sends from this wallet.
/// </param>
/// <param name="WentBack">Whether the store went back to the chain's position, having waited long enough for it to catch up.</param>
public sealed record ObserveResult(NonceStoreStatus Status, int Unaccounted, bool WentBack);

/// <summary>Entries of the store, ascending.</summary>
/// <param name="Status">Done, Forgotten or Unavailable.</param>
/// <param name="Entries">The entries.</param>
/// <param name="Floor">Every nonce below is used.</param>
/// <param name="Now">The store's clock.</param>
public sealed record NonceEntries(NonceStoreStatus Status, IReadOnlyList<NonceEntry> Entries, ulong Floor, DateTimeOffset Now)
{
    /// <summary>Nothing is known.</summary>
    public static NonceEntries None(NonceStoreStatus status) => new(status, [], 0, default);
}
