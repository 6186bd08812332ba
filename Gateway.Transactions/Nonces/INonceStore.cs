namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// Records, for one <see cref="NonceStream"/>, which nonces are reserved and what was signed with them. A shared
/// store is used by all replicas. Every operation is atomic, may be repeated, uses the store's clock, and returns
/// <see cref="NonceStoreStatus.Unavailable"/> within a bounded time instead of throwing.
/// </summary>
/// <remarks>
/// Two rules prevent double payment. A transaction is stored before it is sent. From then on its nonce is not reserved
/// again until the chain has used it, or every endpoint that received the transaction has refused it.
/// </remarks>
public interface INonceStore
{
    /// <summary>
    /// Opens the store; initializes it when it is empty, and clears it first when it belongs to a different chain.
    /// </summary>
    /// <param name="chain">The chain's position.</param>
    /// <param name="mine">What this process has in flight; added where the store lacks it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<NonceStoreStatus> OpenAsync(ChainPosition chain, IReadOnlyList<NonceEntry> mine, CancellationToken cancellationToken);

    /// <summary>Leases the lowest free nonces.</summary>
    ValueTask<NonceReservation> ReserveAsync(NonceRequest request, CancellationToken cancellationToken);

    /// <summary>Renews leases.</summary>
    ValueTask<RenewResult> RenewAsync(IReadOnlyList<(ulong Nonce, string Owner)> leases, CancellationToken cancellationToken);

    /// <summary>Returns a nonce that nothing was signed with.</summary>
    ValueTask<NonceStoreStatus> ReleaseAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>Stores a signed transaction before it is sent for the first time.</summary>
    /// <returns>
    /// Done; or NotOwner, Used, or PayloadPending when a payload with the same
    /// <see cref="TransactionAttempt.PayloadKey"/> is in doubt at another nonce: then the transaction must not be sent.
    /// </returns>
    ValueTask<NonceStoreStatus> SignAsync(
        ulong nonce, string owner, TransactionAttempt attempt, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken);

    /// <summary>Records that the newest transaction was sent.</summary>
    ValueTask<NonceStoreStatus> BroadcastAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Records that every endpoint that received the transactions refused them: the nonce is free, its hashes stay known.
    /// </summary>
    /// <returns>
    /// Done, also when nobody has the nonce and the chain has not used it: the refusal was made before, or the store was
    /// emptied. NotOwner also when an endpoint accepted a transaction earlier.
    /// </returns>
    ValueTask<NonceStoreStatus> RefuseAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Removes a nonce that the chain has used. A transaction in doubt that another lease holds stays: its process finds the
    /// outcome itself.
    /// </summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="owner">The lease that held it.</param>
    /// <param name="isKept">
    /// Whether its newest transaction is mined, and is kept in case a reorganization removes it from the chain
    /// (<see cref="RestoreAsync"/>). The newest <see cref="NonceStoreOptions.MaxMinedKept"/> are kept.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Done; or NotOwner when another lease holds a transaction in doubt.</returns>
    ValueTask<NonceStoreStatus> FinishAsync(ulong nonce, string owner, bool isKept, CancellationToken cancellationToken);

    /// <summary>
    /// Reports the chain's position to the store. Lower nonces without a transaction in doubt are removed; those with
    /// one stay until their outcome is known.
    /// </summary>
    ValueTask<ObserveResult> ObserveAsync(ChainPosition chain, CancellationToken cancellationToken);

    /// <summary>
    /// Enters kept transactions again that a reorganization removed from the chain, as those of a lost process:
    /// <see cref="AdoptAsync"/> takes them over.
    /// </summary>
    /// <param name="from">The lowest nonce that the chain does not count and whose transaction no endpoint has.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<RestoreResult> RestoreAsync(ulong from, CancellationToken cancellationToken);

    /// <summary>Takes over signed transactions whose leases ended because their process was lost.</summary>
    /// <param name="owner">The owner of the new lease.</param>
    /// <param name="limit">The max number.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<NonceEntries> AdoptAsync(string owner, int limit, CancellationToken cancellationToken);

    /// <summary>Lists all entries, without the raw transactions.</summary>
    ValueTask<NonceEntries> ListAsync(CancellationToken cancellationToken);
}
