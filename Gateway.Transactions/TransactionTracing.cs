using System.Diagnostics;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions;

/// <summary>The spans of a transaction: signed, sent, its receipt awaited. Where nobody listens none is made.</summary>
/// <remarks>
/// Who watches the chain sees the transaction too, in a process of its own, and the chain carries no trace. So both make
/// the same context from the hash: a transaction's span links to it, and a watcher's span of an event begins under it.
/// Nothing is stored or sent for it.
/// </remarks>
public static class TransactionTracing
{
    /// <summary>The name to listen to.</summary>
    public const string SourceName = "Xmtp.Gateway.AppChain";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>The trace in which watchers put what they see of a transaction.</summary>
    /// <param name="transaction">The hash: its first 16 bytes are the trace, the next 8 the span.</param>
    public static ActivityContext ContextOf(Bytes32 transaction)
    {
        var hash = transaction.ToArray().AsSpan();
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(hash[..16]), ActivitySpanId.CreateFromBytes(hash[16..24]), ActivityTraceFlags.Recorded, isRemote: true);
    }

    /// <summary>Begins the span of a transaction's event that was seen on the chain.</summary>
    /// <param name="transaction">The hash of the transaction that the event is of.</param>
    /// <param name="name">The event's name, such as <c>MessageSent</c>.</param>
    public static Activity? Seen(Bytes32 transaction, string name) =>
        Source.HasListeners() ? Source.StartActivity($"seen {name}", ActivityKind.Consumer, ContextOf(transaction))?.SetTag("xmtp.transaction", transaction.ToString()) : null;

    internal static Activity? Transaction(string payloadType, ulong nonce) =>
        Source.HasListeners() ? Source.StartActivity("transaction")?.SetTag("xmtp.payload", payloadType).SetTag("xmtp.nonce", nonce) : null;

    internal static Activity? Sign() => Source.StartActivity("sign");

    internal static Activity? Send() => Source.StartActivity("send", ActivityKind.Client);

    internal static Activity? AwaitReceipt() => Source.StartActivity("await receipt");

    internal static void Signed(Activity? span, Bytes32 transaction) =>
        span?.SetTag("xmtp.transaction", transaction.ToString()).AddLink(new ActivityLink(ContextOf(transaction)));

    internal static void Ended(Activity? span, TransactionOutcome outcome)
    {
        if (span is null) return;
        span.SetTag("xmtp.outcome", outcome.End.ToString());
        if (outcome.Receipt is { } receipt) span.SetTag("xmtp.block", receipt.BlockNumber);
        if (outcome.End != TransactionEnd.Mined) span.SetStatus(ActivityStatusCode.Error);
    }
}
