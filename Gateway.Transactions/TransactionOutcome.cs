using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>How a transaction ended, as reported to the caller.</summary>
internal enum TransactionEnd
{
    /// <summary>It is on the chain; see the receipt.</summary>
    Mined,

    /// <summary>The contract refused it: before it was sent (no receipt), or on the chain.</summary>
    Reverted,

    /// <summary>It was not published, and will not be; a retry may succeed.</summary>
    NotPublished,

    /// <summary>The sender's native balance cannot pay for it. It was not published.</summary>
    NoFunds,

    /// <summary>
    /// Nothing was sent, because the deadline passed, the caller left, or no nonce could be leased. It will not be
    /// published.
    /// </summary>
    TimedOut,

    /// <summary>
    /// It may still be published: the deadline passed, or the caller left, after it was sent; or it was not sent, but
    /// the store may have it.
    /// </summary>
    InDoubt,
}

/// <summary>The outcome of a transaction.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Receipt">Its receipt, if it is mined.</param>
/// <param name="Error">The chain's last error, for the log and for decoding a revert.</param>
internal sealed record TransactionOutcome(TransactionEnd End, TransactionReceipt? Receipt = null, RpcError? Error = null)
{
    /// <summary>Whether a transaction for it may have reached the chain and cost gas, whatever the outcome.</summary>
    internal bool WasSent { get; init; }

    /// <summary>
    /// Whether another sender's transaction has its nonce, on the chain or in the mempool. The call is sent at another nonce, and the
    /// attempt is not counted.
    /// </summary>
    internal bool IsNonceTaken { get; init; }

    /// <summary>Whether no endpoint accepted it in time; it continues to be sent in the background.</summary>
    internal bool IsUntaken { get; init; }

    /// <summary>
    /// Must be called once the outcome is stored where a resend looks it up: until then, or until a timeout, the nonce
    /// store keeps the transaction. Null when nothing waits for that.
    /// </summary>
    internal Action? OnPersisted { get; init; }

    /// <summary>
    /// For an outcome in doubt: completes in the background with the final outcome. Null otherwise, and when this
    /// process can no longer find out.
    /// </summary>
    internal Task<TransactionOutcome>? Settles { get; init; }
}
