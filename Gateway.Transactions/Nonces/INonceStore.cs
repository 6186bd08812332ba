namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// Remembers, for one <see cref="NonceStream"/>, which nonces are taken and what was signed with them; shared by all
/// replicas where the store is. Every operation is atomic, may be repeated, uses the store's clock, and answers
/// <see cref="NonceStoreStatus.Unavailable"/> within a bounded time instead of throwing.
/// </summary>
/// <remarks>
/// Two rules keep money safe. A transaction is stored before it is sent. And from then on its nonce is never offered to
/// anyone until the chain has used it up, or every endpoint that saw it refused it.
/// </remarks>
public interface INonceStore
{
    /// <summary>Joins the store; makes it when the store knows nothing of it, and empties it first when the chain is another one.</summary>
    /// <param name="chain">Where the chain is.</param>
    /// <param name="mine">What this process has in flight: entered again where the store lacks it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<NonceStoreStatus> OpenAsync(ChainPosition chain, IReadOnlyList<NonceEntry> mine, CancellationToken cancellationToken);

    /// <summary>Leases the lowest nonces that are free.</summary>
    ValueTask<NonceReservation> ReserveAsync(NonceRequest request, CancellationToken cancellationToken);

    /// <summary>Keeps leases alive.</summary>
    ValueTask<RenewResult> RenewAsync(IReadOnlyList<(ulong Nonce, string Owner)> leases, CancellationToken cancellationToken);

    /// <summary>Gives back a nonce that nothing was signed with.</summary>
    ValueTask<NonceStoreStatus> ReleaseAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>Stores a signed transaction, before it is sent for the first time.</summary>
    /// <returns>
    /// Done; NotYours, Used, or Elsewhere where a payload of the same <see cref="TransactionAttempt.PayloadKey"/> is in doubt
    /// at another nonce: it must not be sent.
    /// </returns>
    ValueTask<NonceStoreStatus> SignAsync(
        ulong nonce, string owner, TransactionAttempt attempt, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken);

    /// <summary>Notes that the newest transaction was sent.</summary>
    ValueTask<NonceStoreStatus> BroadcastAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>Notes that every endpoint that saw the transactions refused them: the nonce is free, its hashes stay known.</summary>
    /// <returns>Done; NotYours also where a transaction was taken by an endpoint before.</returns>
    ValueTask<NonceStoreStatus> RefuseAsync(ulong nonce, string owner, CancellationToken cancellationToken);

    /// <summary>Takes a nonce out that the chain has used.</summary>
    ValueTask<NonceStoreStatus> FinishAsync(ulong nonce, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the store where the chain is. What is below and was never signed is dropped; what was signed stays until
    /// its fate is known.
    /// </summary>
    ValueTask<ObserveResult> ObserveAsync(ChainPosition chain, CancellationToken cancellationToken);

    /// <summary>Takes over signed transactions whose leases ended: their process is gone.</summary>
    /// <param name="owner">The new lease.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<NonceEntries> AdoptAsync(string owner, int limit, CancellationToken cancellationToken);

    /// <summary>Everything, without the transactions' bytes.</summary>
    ValueTask<NonceEntries> ListAsync(CancellationToken cancellationToken);
}
