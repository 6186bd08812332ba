using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>How a transaction ended for whoever waits for it.</summary>
public enum TransactionEnd
{
    /// <summary>It is on the chain; the receipt says where.</summary>
    Mined,

    /// <summary>The contract refused it: before it was sent (no receipt), or on the chain.</summary>
    Reverted,

    /// <summary>It was not published, and will not be; trying again may help.</summary>
    NotPublished,

    /// <summary>The sender's native balance does not pay for it. It was not published.</summary>
    NoFunds,

    /// <summary>The deadline passed, or the caller left, before anything was sent. It will not be published.</summary>
    TimedOut,

    /// <summary>The deadline passed, or the caller left, after it was sent: it goes on, and may still be published.</summary>
    InDoubt,
}

/// <summary>How a transaction ended.</summary>
/// <param name="End">Which way.</param>
/// <param name="Receipt">What the chain says of it, where it is mined.</param>
/// <param name="Error">The chain's last words, for the log and for decoding a refusal.</param>
public sealed record TransactionOutcome(TransactionEnd End, TransactionReceipt? Receipt = null, RpcError? Error = null)
{
    /// <summary>Whether a transaction for it may have reached the chain and cost gas, however it ended.</summary>
    internal bool WasSent { get; init; }

    /// <summary>Whether no endpoint took it in time: it is sent on.</summary>
    internal bool IsUntaken { get; init; }

    /// <summary>
    /// To be called once the outcome is stored where a resend looks: until then, or for a moment, the store keeps the
    /// transaction. Null where nothing waits for that.
    /// </summary>
    internal Action? OnPersisted { get; init; }

    /// <summary>Where it is in doubt: how it ends, in the background. Null elsewhere, and when this process can no longer tell.</summary>
    internal Task<TransactionOutcome>? Settles { get; init; }
}
