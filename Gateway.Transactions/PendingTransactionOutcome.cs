using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>Maps the end of a nonce to the outcome that the caller gets.</summary>
internal static class PendingTransactionOutcome
{
    /// <summary>The outcome for this end.</summary>
    internal static TransactionOutcome Of(PendingTransaction pending, NonceOutcome end, TransactionReceipt? receipt) => end switch
    {
        NonceOutcome.Mined =>
            new TransactionOutcome(TransactionEnd.Mined, receipt) { OnPersisted = () => pending.Persisted.TrySetResult() },
        NonceOutcome.Reverted => new TransactionOutcome(TransactionEnd.Reverted, receipt) { WasSent = true },
        NonceOutcome.NotMined => new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError) { WasSent = true },
        NonceOutcome.Refused => Refused(pending).Outcome,
        _ => new TransactionOutcome(TransactionEnd.InDoubt, Error: pending.LastError),
    };

    /// <summary>
    /// The outcome when no endpoint accepted the transaction. Underpriced here means that another sender's
    /// transaction is pending at the nonce, so a retry at another nonce may succeed.
    /// </summary>
    internal static (TransactionOutcome Outcome, bool MayRetry) Refused(PendingTransaction pending) => pending.LastError?.Kind switch
    {
        RpcErrorKind.InsufficientFunds => (new TransactionOutcome(TransactionEnd.NoFunds, Error: pending.LastError), false),
        RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow =>
            (new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError) { IsNonceTaken = pending.IsNonceTaken }, true),
        _ => (new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError), false),
    };

    /// <summary>The outcome, once the transaction has ended.</summary>
    internal static async Task<TransactionOutcome> SettleAsync(PendingTransaction pending)
    {
        var (end, receipt) = await pending.Ended.Task.ConfigureAwait(false);
        return Of(pending, end, receipt);
    }

    /// <summary>Tells the nonce store, once a transaction has ended, that no result of it has to be stored. Does not throw.</summary>
    internal static async Task PersistedWhenSettledAsync(Task<TransactionOutcome>? settles)
    {
        if (settles is null) return;
        await ((Task)settles).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (settles.IsCompletedSuccessfully) (await settles.ConfigureAwait(false)).OnPersisted?.Invoke();
    }
}
