using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// The background work while transactions are sent: renews leases, follows the chain, takes over lost transactions,
/// cancels the nonces of gaps, and broadcasts again what a reorganization removed.
/// </summary>
internal sealed class TransactionWork(
    NonceManager nonces,
    PendingTransactions pendingTransactions,
    NonceTracker tracker,
    TransactionRecovery recovery,
    NonceGaps gaps,
    ReorganizationRecovery reorganizations,
    BackgroundWork background,
    AppChainTransactionOptions options,
    AppChainMetrics metrics)
{
    /// <summary>
    /// Opens the store, and takes over what a crash left. An unavailable store does not fail the start: it is retried
    /// in the background.
    /// </summary>
    /// <param name="onAdopted">
    /// Called for each transaction taken over, now and later; recovery of that transaction continues when the returned
    /// task completes.
    /// </param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when a later release wrote the store: then nothing was taken over.</returns>
    internal async ValueTask<bool> OpenAsync(Func<AdoptedTransaction, Task> onAdopted, CancellationToken cancellationToken)
    {
        recovery.OnAdopted = onAdopted;
        metrics.Watch(
            () => new NonceCounts(
                nonces.Held.Count, pendingTransactions.Count, pendingTransactions.InDoubt, pendingTransactions.OldestAge));
        if (await nonces.OpenAsync(cancellationToken).ConfigureAwait(false) == NonceStoreStatus.Newer) return false;
        await recovery.AdoptAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Starts the background work.</summary>
    internal void Start()
    {
        background.Repeat("following the chain", TimeSpan.Zero, tracker.RunAsync);
        background.Repeat("renewing leases", options.Heartbeat, nonces.RenewHeldAsync);
        background.Repeat(
            "taking transactions over", options.RecoveryInterval, stoppingToken => recovery.AdoptAsync(stoppingToken).AsTask());
        background.Repeat("cancelling gaps", options.RecoveryInterval, stoppingToken => gaps.CancelGapsAsync(stoppingToken).AsTask());
        background.Repeat("broadcasting removed transactions", options.RecoveryInterval, reorganizations.CheckAsync);
    }
}
