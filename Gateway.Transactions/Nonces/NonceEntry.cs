namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>What the store holds of one nonce.</summary>
/// <param name="Nonce">The nonce.</param>
/// <param name="State">Where it is.</param>
/// <param name="Owner">The lease that holds it; empty when nobody does.</param>
/// <param name="LeaseUntil">When the lease ends, by the store's clock.</param>
/// <param name="Since">When it was reserved, by the store's clock.</param>
/// <param name="Attempts">The transactions signed for it, oldest first.</param>
/// <param name="Raw">The newest transaction, ready to be sent; empty where a listing leaves it out.</param>
public sealed record NonceEntry(
    ulong Nonce,
    NonceState State,
    string Owner,
    DateTimeOffset LeaseUntil,
    DateTimeOffset Since,
    IReadOnlyList<TransactionAttempt> Attempts,
    ReadOnlyMemory<byte> Raw)
{
    /// <summary>Whether a transaction of it may be mined.</summary>
    public bool IsInDoubt => State is NonceState.Signed or NonceState.Broadcast;
}
