using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Brings to an end what nobody looks after: transactions of lost processes, and nonces missing below others.</summary>
internal sealed class TransactionRecovery(
    NonceDesk desk, NonceResync resync, TransactionEngine engine, AppChainTransactionOptions options, AppChainMetrics metrics, TimeProvider time)
{
    private (ulong Nonce, long Since)? gap;

    /// <summary>One look at gaps, and at where the chain is.</summary>
    internal async ValueTask FillGapsAsync(CancellationToken cancellationToken)
    {
        if (await resync.ObserveAsync(cancellationToken).ConfigureAwait(false) is not { } position) return;
        if (!await IsGapOldAsync(position, cancellationToken).ConfigureAwait(false)) return;
        foreach (var lease in await desk.LeaseGapsAsync(cancellationToken).ConfigureAwait(false)) await engine.FillAsync(lease, cancellationToken).ConfigureAwait(false);
        gap = null;
    }

    /// <summary>One look for transactions whose leases ended. It asks the store alone, so that a chain that does not answer lets no claim run out.</summary>
    internal async ValueTask AdoptAsync(CancellationToken cancellationToken)
    {
        // A process that was suspended finds its own leases ended: it renews them, and takes over what others lost.
        if (await desk.BeatAsync(cancellationToken).ConfigureAwait(false) != LedgerVerdict.Done) return;
        var adopted = await desk.Ledger.AdoptAsync(Guid.NewGuid().ToString("N"), options.Ledger.MaxInFlight, cancellationToken).ConfigureAwait(false);
        if (adopted.Entries.Count == 0) return;
        metrics.Adopted(adopted.Entries.Count);
        foreach (var entry in adopted.Entries) await engine.AdoptAsync(entry, cancellationToken).ConfigureAwait(false);
    }

    // The mempool ends at a nonce that nobody holds, while transactions of ours wait above it.
    private async ValueTask<bool> IsGapOldAsync(ChainPosition position, CancellationToken cancellationToken)
    {
        var list = await desk.Ledger.ListAsync(cancellationToken).ConfigureAwait(false);
        var isGap = list.Entries.Any(entry => entry.IsInDoubt && entry.Nonce > position.Pending)
            && !list.Entries.Any(entry => entry.Nonce == position.Pending && (entry.IsInDoubt || (entry.State == NonceState.Reserved && entry.LeaseUntil > list.Now)));
        if (!isGap) gap = null;
        else if (gap?.Nonce != position.Pending) gap = (position.Pending, time.GetTimestamp());
        return gap is { } found && time.GetElapsedTime(found.Since) >= options.GapPatience;
    }
}
