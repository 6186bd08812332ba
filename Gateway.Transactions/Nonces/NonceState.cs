namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The state of a nonce. A nonce that is mined or used by another sender is no longer in the store.</summary>
public enum NonceState
{
    /// <summary>Leased; nothing was signed with it. When the lease ends it may be reserved again.</summary>
    Reserved,

    /// <summary>
    /// A transaction was signed and stored, and may have been sent. Not reserved again unless it becomes Refused.
    /// </summary>
    Signed,

    /// <summary>A transaction was sent: it is in doubt until the chain shows its outcome. Never reserved again.</summary>
    Broadcast,

    /// <summary>
    /// A transaction was signed, and every endpoint that received it refused it. May be reserved again; its hash is kept.
    /// </summary>
    Refused,
}
