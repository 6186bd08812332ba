namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The result of a call to the nonce store.</summary>
public enum NonceStoreStatus
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>The max number of nonces is in flight.</summary>
    Full,

    /// <summary>The store is new, or was emptied: replicas are entering what they have in flight. Retry soon.</summary>
    Settling,

    /// <summary>
    /// The lease does not hold the nonce in a state that allows this: for example, it ended and another lease has it.
    /// </summary>
    NotOwner,

    /// <summary>The chain has used the nonce.</summary>
    Used,

    /// <summary>The store lost its state, or was never opened: open it, then retry.</summary>
    Forgotten,

    /// <summary>
    /// The store does not answer. The request may or may not have been carried out; every request may be repeated.
    /// </summary>
    Unavailable,

    /// <summary>A later release wrote the store, in a layout that this release does not know: it is not changed.</summary>
    Newer,

    /// <summary>
    /// A transaction with the same payload is pending at another nonce and may be mined there: it is not stored at this one.
    /// </summary>
    PayloadPending,
}
