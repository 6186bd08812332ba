using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>What the end of a nonce means for whoever waits for its transaction.</summary>
internal static class PendingTransactionOutcome
{
    /// <summary>The outcome at this end.</summary>
    internal static TransactionOutcome Of(PendingTransaction pending, NonceOutcome end, TransactionReceipt? receipt) => end switch
    {
        NonceOutcome.Mined =>
            new TransactionOutcome(TransactionEnd.Mined, receipt) { OnPersisted = () => pending.Persisted.TrySetResult() },
        NonceOutcome.Reverted => new TransactionOutcome(TransactionEnd.Reverted, receipt) { WasSent = true },
        NonceOutcome.NotLanded => new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError) { WasSent = true },
        NonceOutcome.Refused => Refused(pending).Outcome,
        _ => new TransactionOutcome(TransactionEnd.InDoubt, Error: pending.LastError),
    };

    /// <summary>
    /// No endpoint took it. Underpriced here means that someone else's transaction waits at that nonce: another nonce
    /// may do.
    /// </summary>
    internal static (TransactionOutcome Outcome, bool MayRetry) Refused(PendingTransaction pending) => pending.LastError?.Kind switch
    {
        RpcErrorKind.InsufficientFunds => (new TransactionOutcome(TransactionEnd.NoFunds, Error: pending.LastError), false),
        RpcErrorKind.Underpriced or RpcErrorKind.NonceTooLow =>
            (new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError), true),
        _ => (new TransactionOutcome(TransactionEnd.NotPublished, Error: pending.LastError), false),
    };

    /// <summary>The outcome, once it ended.</summary>
    internal static async Task<TransactionOutcome> SettleAsync(PendingTransaction pending)
    {
        var (end, receipt) = await pending.Ended.Task.ConfigureAwait(false);
        return Of(pending, end, receipt);
    }
}
