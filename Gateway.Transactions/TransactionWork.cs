using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// What goes on while transactions are sent: leases are renewed, the chain is followed, lost transactions are taken
/// over, gaps filled.
/// </summary>
internal sealed class TransactionWork(
    NonceManager nonces,
    PendingTransactions pendingTransactions,
    NonceTracker tracker,
    TransactionRecovery recovery,
    NonceGaps gaps,
    BackgroundWork background,
    AppChainTransactionOptions options,
    AppChainMetrics metrics)
{
    /// <summary>Opens the store, and takes over what a crash left. A store that does not answer is waited for in the background.</summary>
    /// <param name="onAdopted">Hears of each transaction that is taken over, now and later. It goes on once the task ends.</param>
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

    /// <summary>Begins the work in the background.</summary>
    internal void Start()
    {
        background.Repeat("following the chain", TimeSpan.Zero, tracker.RunAsync);
        background.Repeat("renewing leases", options.Heartbeat, stoppingToken => nonces.RenewLeasesAsync(stoppingToken).AsTask());
        background.Repeat(
            "taking transactions over", options.RecoveryInterval, stoppingToken => recovery.AdoptAsync(stoppingToken).AsTask());
        background.Repeat("filling gaps", options.RecoveryInterval, stoppingToken => gaps.FillAsync(stoppingToken).AsTask());
    }
}
