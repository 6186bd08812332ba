using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>Spans for events seen on the chains. Without a listener none is created.</summary>
internal static class WatcherTracing
{
    // The source of the gateway's spans of transactions: both are in one trace.
    private static readonly ActivitySource Source = new("Xmtp.Gateway.AppChain");

    /// <summary>Starts the span of a transaction's event, in the trace that the transaction's own span links to.</summary>
    /// <param name="transaction">The hash of the event's transaction.</param>
    /// <param name="name">The event's name, such as <c>MessageSent</c>.</param>
    public static Activity? Seen(Bytes32 transaction, string name) =>
        Source.HasListeners()
            ? Source.StartActivity(
                $"seen {name}",
                ActivityKind.Consumer,
                TransactionTrace.ContextOf(transaction))?.SetTag("xmtp.transaction", transaction.ToString())
            : null;
}
