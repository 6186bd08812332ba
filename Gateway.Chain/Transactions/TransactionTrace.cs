using System.Diagnostics;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>The trace of a transaction, shared by all processes that see the transaction.</summary>
/// <remarks>
/// A watcher of the chain sees a transaction in its own process, and the chain carries no trace context. So both sides
/// derive the same context from the hash: a transaction's span links to it, and a watcher's span of an event is its
/// child. Nothing is stored or sent for it.
/// </remarks>
public static class TransactionTrace
{
    /// <summary>The context derived from a transaction's hash.</summary>
    /// <param name="transaction">The hash: its first 16 bytes are the trace, the next 8 the span.</param>
    public static ActivityContext ContextOf(Bytes32 transaction)
    {
        var hash = transaction.ToArray().AsSpan();
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(hash[..16]),
            ActivitySpanId.CreateFromBytes(hash[16..24]),
            ActivityTraceFlags.Recorded,
            isRemote: true);
    }
}
