using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Finds mined transactions that a reorganization removed from the chain, and has them taken over like those of a lost
/// process: broadcast again with the same bytes, watched and replaced.
/// </summary>
/// <remarks>
/// The chain's count of the wallet's transactions, which is read anyway, shows when the chain went back; otherwise nothing
/// is requested. The nonce store keeps the transactions, so any replica finds them, also after a restart. A transaction
/// counts as removed when an endpoint does not have it twice, for longer than endpoints lag behind each other.
/// </remarks>
internal sealed partial class ReorganizationRecovery(
    NonceManager nonces,
    NonceResync resync,
    TransactionRecovery recovery,
    ChainAccount account,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<ReorganizationRecovery> logger)
{
    /// <summary>Waits until the chain does not count kept transactions, and checks once.</summary>
    internal async Task CheckAsync(CancellationToken cancellationToken)
    {
        await resync.WaitForRemovedAsync(cancellationToken).ConfigureAwait(false);
        if (await FindMissingAsync(resync.Removed, cancellationToken).ConfigureAwait(false) is not { } missing) return;
        await Task.Delay(TransactionMonitor.MaxProviderLag, time, cancellationToken).ConfigureAwait(false);
        if (await FindMissingAsync([missing], cancellationToken).ConfigureAwait(false) is null) return;
        var restored = await nonces.Store.RestoreAsync(missing.Nonce, cancellationToken).ConfigureAwait(false);
        if (restored.Count == 0) return;
        metrics.Removed(restored.Count);
        LogRemoved(logger, restored.Count, missing.Nonce);
        await recovery.AdoptAsync(cancellationToken).ConfigureAwait(false);
    }

    // The first whose attempts the endpoint answers that it does not have, neither mined nor pending; null where it has all, or
    // does not answer.
    private async ValueTask<NonceEntry?> FindMissingAsync(IReadOnlyList<NonceEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            var isKnown = false;
            foreach (var attempt in entry.Attempts.Reverse())
            {
                var answer = await account.Rpc.GetTransactionAsync(attempt.Hash, cancellationToken).ConfigureAwait(false);
                if (answer.Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited }) return null;
                isKnown |= answer.Value is not null;
                if (isKnown) break;
            }

            if (!isKnown) return entry;
        }

        return null;
    }

    [LoggerMessage(
        EventId = EventIds.TransactionsRemoved,
        Level = LogLevel.Warning,
        Message = "a reorganization removed {Count} mined transactions from the chain, from nonce {Nonce} on; they are broadcast again")]
    private static partial void LogRemoved(ILogger logger, int count, ulong nonce);
}
