using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Takes over transactions of lost processes and brings them to their end.</summary>
internal sealed partial class TransactionRecovery(
    NonceManager nonces,
    TransactionReplacer replacer,
    MonitorRunner monitors,
    ChainAccount account,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    SubmissionFaults faults,
    TimeProvider time,
    ILogger<TransactionRecovery> logger)
{
    /// <summary>
    /// Called for each transaction taken over from a lost process; recovery of that transaction continues when the
    /// returned task completes.
    /// </summary>
    internal Func<AdoptedTransaction, Task> OnAdopted { get; set; } = _ => Task.CompletedTask;

    /// <summary>
    /// Takes over all transactions whose leases ended. Calls only the store, so that an unavailable chain does not
    /// delay it until the claims of their envelopes have ended.
    /// </summary>
    internal async ValueTask AdoptAsync(CancellationToken cancellationToken)
    {
        NonceEntries adopted;
        do
        {
            adopted = await nonces.TakeOverAsync(cancellationToken).ConfigureAwait(false);
            if (adopted.Entries.Count > 0) metrics.Adopted(adopted.Entries.Count);
            foreach (var entry in adopted.Entries) await AdoptAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        while (adopted.Entries.Count == options.NonceStore.MaxInFlight);
    }

    /// <summary>Takes over one transaction of a lost process, with every attempt that was signed for its nonce.</summary>
    private async ValueTask AdoptAsync(NonceEntry entry, CancellationToken cancellationToken)
    {
        var (lease, newest) = (nonces.Adopt(entry), entry.Attempts.Count > 0 ? entry.Attempts[^1] : null);
        var kind = newest?.Kind ?? AttemptKind.Cancellation;
        if (!SignedTransactionReader.TryRead(entry.Raw, out var signed)
            || signed.Transaction.Nonce != entry.Nonce
            || signed.Sender != account.Address)
        {
            LogUnreadable(logger, entry.Nonce);
            if (await CancelAsync(lease, newest, cancellationToken).ConfigureAwait(false) is not { } cancellation) return;
            (signed, kind) = (cancellation, AttemptKind.Cancellation);
        }
        else if (newest?.Hash != signed.Hash)
        {
            // The entry is unreadable but the transaction is not: its own data shows what it does.
            kind = signed.Transaction.Data.IsEmpty ? AttemptKind.Cancellation : AttemptKind.Payload;
        }

        LogAdopted(logger, entry.Nonce, signed.Hash);
        var pending = new PendingTransaction(
            lease, signed, kind, "adopted", newest?.PayloadKey, time.GetTimestamp(), new SendRetries(options, time), entry.Attempts);
        try
        {
            await OnAdopted(
                new AdoptedTransaction(
                    signed.Transaction, pending.PayloadKey, PendingTransactionOutcome.SettleAsync(pending))).ConfigureAwait(false);
        }
        finally
        {
            monitors.Start(pending, isAdopted: true);
        }
    }

    /// <summary>
    /// Signs and stores a cancellation for a nonce whose stored transaction is unreadable. It is sent only when that
    /// transaction is missing from the mempool, or stuck.
    /// </summary>
    /// <returns>Null when it cannot be signed or stored now: then the lease ends, and recovery retries.</returns>
    private async ValueTask<SignedTransaction?> CancelAsync(
        NonceLease lease, TransactionAttempt? newest, CancellationToken cancellationToken)
    {
        try
        {
            var signed = await replacer.SignCancellationAsync(lease.Nonce, newest, cancellationToken).ConfigureAwait(false);
            using var timeout = new CancellationTokenSource(options.NonceStore.StoreTimeout, time);
            // If the chain has used the nonce, nothing more is stored or sent, but the transaction that used it is
            // still looked up.
            if (await lease.SignAsync(signed, AttemptKind.Cancellation, newest?.PayloadKey, timeout.Token).ConfigureAwait(false)
                is NonceStoreStatus.Done or NonceStoreStatus.Used)
            {
                return signed;
            }
        }
#pragma warning disable CA1031 // A signer or a store may throw anything: the other transactions must still be taken over.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            faults.Log(exception);
        }

        await lease.AbandonAsync().ConfigureAwait(false);
        return null;
    }

    [LoggerMessage(
        EventId = EventIds.TransactionAdopted,
        Level = LogLevel.Warning,
        Message = "took over nonce {Nonce}, which no process holds; its transaction is {Hash}")]
    private static partial void LogAdopted(ILogger logger, ulong nonce, Bytes32 hash);

    [LoggerMessage(
        EventId = EventIds.StoredTransactionUnreadable,
        Level = LogLevel.Error,
        Message = "the stored transaction of nonce {Nonce} cannot be read; if it was never sent, or is stuck, it is cancelled")]
    private static partial void LogUnreadable(ILogger logger, ulong nonce);
}
