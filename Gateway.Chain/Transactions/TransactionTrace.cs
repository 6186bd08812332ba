using System.Diagnostics;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>The trace that everyone who sees a transaction can put spans into.</summary>
/// <remarks>
/// Who watches the chain sees a transaction too, in a process of its own, and the chain carries no trace. So both make the
/// same context from the hash: a transaction's span links to it, and a watcher's span of an event begins under it.
/// Nothing is stored or sent for it.
/// </remarks>
public static class TransactionTrace
{
    /// <summary>The context that follows from a transaction's hash.</summary>
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
