using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>Takes over transactions of lost processes, and brings them to an end.</summary>
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
    /// <summary>Hears of each transaction of a lost process that is taken over. It goes on once the task ends.</summary>
    internal Func<AdoptedTransaction, Task> OnAdopted { get; set; } = _ => Task.CompletedTask;

    /// <summary>
    /// One look for transactions whose leases ended. It asks the store alone, so that a chain that does not answer lets
    /// no claim run out.
    /// </summary>
    internal async ValueTask AdoptAsync(CancellationToken cancellationToken)
    {
        // A process that was suspended finds its own leases ended: it renews them, and takes over what others lost.
        if (await nonces.RenewLeasesAsync(cancellationToken).ConfigureAwait(false) != NonceStoreStatus.Done) return;
        NonceEntries adopted;
        do
        {
            adopted = await nonces.Store.AdoptAsync(
                Guid.NewGuid().ToString("N"), options.NonceStore.MaxInFlight, cancellationToken).ConfigureAwait(false);
            if (adopted.Entries.Count > 0) metrics.Adopted(adopted.Entries.Count);
            foreach (var entry in adopted.Entries) await AdoptAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        while (adopted.Entries.Count == options.NonceStore.MaxInFlight);
    }

    /// <summary>Takes over what a lost process had in flight, with every transaction that it signed for the nonce.</summary>
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
            // The entry cannot be read, and the transaction can: what it does is told by itself.
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
    /// Signs and stores what is to use a nonce up whose stored transaction cannot be read. It is sent when that one is
    /// not on its way, or stuck.
    /// </summary>
    /// <returns>Null when it cannot be signed or stored now: then the lease ends, and it is tried again.</returns>
    private async ValueTask<SignedTransaction?> CancelAsync(
        NonceLease lease, TransactionAttempt? newest, CancellationToken cancellationToken)
    {
        try
        {
            var signed = await replacer.SignCancellationAsync(lease.Nonce, newest, cancellationToken).ConfigureAwait(false);
            using var timeout = new CancellationTokenSource(options.NonceStore.StoreTimeout, time);
            // Where the chain has used the nonce nothing more is stored or sent; what did it is looked up all the same.
            if (await lease.SignAsync(signed, AttemptKind.Cancellation, newest?.PayloadKey, timeout.Token).ConfigureAwait(false)
                is NonceStoreStatus.Done or NonceStoreStatus.Used)
            {
                return signed;
            }
        }
#pragma warning disable CA1031 // Whatever a signer or a store throws: the others are to be taken over.
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
        Message = "took over nonce {Nonce} from a process that is gone; its transaction is {Hash}")]
    private static partial void LogAdopted(ILogger logger, ulong nonce, Bytes32 hash);

    [LoggerMessage(
        EventId = EventIds.StoredTransactionUnreadable,
        Level = LogLevel.Error,
        Message = "the stored transaction of nonce {Nonce} cannot be read; if it was never sent, or is stuck, it is cancelled")]
    private static partial void LogUnreadable(ILogger logger, ulong nonce);
}
