namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>How a question to the store ended.</summary>
public enum NonceStoreStatus
{
    /// <summary>It was done.</summary>
    Done,

    /// <summary>As many nonces are in flight as may be.</summary>
    Full,

    /// <summary>The store is new, or was emptied: replicas are telling it what they have in flight. Ask again soon.</summary>
    Settling,

    /// <summary>The lease ended and someone else has the nonce.</summary>
    NotOwner,

    /// <summary>The chain has used the nonce.</summary>
    Used,

    /// <summary>The store lost what it knew, or was never opened: open it, then ask again.</summary>
    Forgotten,

    /// <summary>The store does not answer. Whether the request was carried out is not known; every request may be repeated.</summary>
    Unavailable,

    /// <summary>A later release wrote the store, in a layout that this one does not know: it is left alone.</summary>
    Newer,

    /// <summary>A transaction with the same payload waits at another nonce and may land there: it is not signed at this one too.</summary>
    PayloadPending,
}
