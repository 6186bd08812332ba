using System.Diagnostics;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions;

/// <summary>The spans of a transaction: sign, send, await receipt. Without a listener none is created.</summary>
public static class TransactionTracing
{
    /// <summary>The name of the activity source to listen to.</summary>
    public const string SourceName = "Xmtp.Gateway.AppChain";

    private static readonly ActivitySource Source = new(SourceName);

    internal static Activity? Transaction(string payloadType, ulong nonce) =>
        Source.HasListeners() ? Source.StartActivity("transaction")?.SetTag("xmtp.payload", payloadType).SetTag("xmtp.nonce", nonce) : null;

    internal static Activity? Sign() => Source.StartActivity("sign");

    internal static Activity? Send() => Source.StartActivity("send", ActivityKind.Client);

    internal static Activity? AwaitReceipt() => Source.StartActivity("await receipt");

    internal static void Signed(Activity? span, Bytes32 transaction) =>
        span?.SetTag("xmtp.transaction", transaction.ToString()).AddLink(new ActivityLink(TransactionTrace.ContextOf(transaction)));

    internal static void Ended(Activity? span, TransactionOutcome outcome)
    {
        if (span is null) return;
        span.SetTag("xmtp.outcome", outcome.End.ToString());
        if (outcome.Receipt is { } receipt) span.SetTag("xmtp.block", receipt.BlockNumber);
        if (outcome.End != TransactionEnd.Mined) span.SetStatus(ActivityStatusCode.Error);
    }
}
