namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>Where a nonce is on its way. What is mined or was used by someone else is no longer in the store.</summary>
public enum NonceState
{
    /// <summary>Leased; nothing was signed with it. When the lease ends it may be offered again.</summary>
    Reserved,

    /// <summary>A transaction was signed and stored; it may have been sent. Never offered again.</summary>
    Signed,

    /// <summary>A transaction was sent: it is in doubt until the chain says what became of it. Never offered again.</summary>
    Broadcast,

    /// <summary>
    /// A transaction was signed, and every endpoint that saw it refused to take it. Offered again; its hash is
    /// remembered.
    /// </summary>
    Refused,
}
