using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>
/// Records at which sender each topic has calls under way, and which senders are unavailable: one record for all replicas of a payer.
/// Thread-safe.
/// </summary>
/// <remarks>
/// Each operation is atomic, may be repeated, and uses the store's clock. A call that is entered is held for a lease, which its
/// process renews until the call has ended. A topic whose calls' leases have all ended stays at its sender until a process has shown
/// that the nonce store has none of them in doubt any more.
/// </remarks>
internal interface ITopicHolds
{
    /// <summary>Enters calls of a topic, at the sender where it has others, or else at the first candidate that is available.</summary>
    ValueTask<HoldAnswer> TakeAsync(HoldRequest request, CancellationToken cancellationToken);

    /// <summary>Renews leases, and the record that senders are unavailable.</summary>
    /// <param name="held">The calls of this process.</param>
    /// <param name="unavailable">Those that this process finds: no topic without calls under way goes there for a lease.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The ids whose entries are gone, and that may not be sent any more; null when the store did not answer.</returns>
    ValueTask<IReadOnlyCollection<string>?> RenewAsync(
        IReadOnlyCollection<HeldCall> held, IReadOnlyCollection<EthereumAddress> unavailable, CancellationToken cancellationToken);

    /// <summary>Removes calls that have ended.</summary>
    /// <returns>False when the store did not answer.</returns>
    ValueTask<bool> ReleaseAsync(string topic, IReadOnlyCollection<string> ids, CancellationToken cancellationToken);
}
