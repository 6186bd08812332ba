namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The store's entry for one nonce.</summary>
/// <param name="Nonce">The nonce.</param>
/// <param name="State">Its state.</param>
/// <param name="Owner">The lease that holds it; empty when none does.</param>
/// <param name="LeaseUntil">When the lease ends, by the store's clock.</param>
/// <param name="Since">When it was reserved, by the store's clock.</param>
/// <param name="Attempts">The transactions signed for it, oldest first.</param>
/// <param name="Raw">The newest transaction, ready to send; empty when a listing omits it.</param>
public sealed record NonceEntry(
    ulong Nonce,
    NonceState State,
    string Owner,
    DateTimeOffset LeaseUntil,
    DateTimeOffset Since,
    IReadOnlyList<TransactionAttempt> Attempts,
    ReadOnlyMemory<byte> Raw)
{
    /// <summary>Whether one of its transactions may be mined.</summary>
    public bool IsInDoubt => State is NonceState.Signed or NonceState.Broadcast;
}
