using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Tells a node's refusal of the request from a failure of the node.</summary>
internal static class NodeRefusal
{
    /// <summary>The reason that programs see when the payer cannot pay.</summary>
    internal const string PayerBalanceEmpty = "PAYER_BALANCE_EMPTY";

    /// <summary>The error for the caller when the fault is the request's own: no other node would take it. Null when another may.</summary>
    /// <param name="status">What the node answered.</param>
    /// <param name="sent">What it was sent: an index in its text becomes that of the caller's request.</param>
    internal static PublishError? From(Status status, IReadOnlyList<ParsedEnvelope> sent) => status.StatusCode switch
    {
        // Nodes say "insufficient payer balance: available …": the figures are the operator's, for the log.
        StatusCode.FailedPrecondition when status.Detail.Contains("balance", StringComparison.OrdinalIgnoreCase) =>
            new PublishError(PublishErrorKind.FailedPrecondition, "the payer's balance does not cover this publish; the gateway's operator has to deposit") { Reason = PayerBalanceEmpty },
        StatusCode.FailedPrecondition => Told(PublishErrorKind.FailedPrecondition, status, sent),
        StatusCode.InvalidArgument => Told(PublishErrorKind.InvalidArgument, status, sent),
        StatusCode.PermissionDenied => Told(PublishErrorKind.PermissionDenied, status, sent),
        _ => null,
    };

    /// <summary>What stands when no node takes a request because all of them are too busy for it.</summary>
    internal static PublishError Busy { get; } =
        new(PublishErrorKind.ResourceExhausted, "the nodes of the Broadcast Network take no more for now") { RetryAfter = TimeSpan.FromSeconds(1) };

    /// <summary>What a failed call says of the node. An error that the node answers proves that it lives, and may be the request's doing.</summary>
    internal static TryVerdict Verdict(Status status) => status.StatusCode switch
    {
        StatusCode.Unavailable => status.DebugException is NodeConnectionFault fault ? fault.Verdict : TryVerdict.Unreachable,
        StatusCode.Unimplemented => TryVerdict.Wrong,
        _ => TryVerdict.Answered,
    };

    /// <summary>Whether a status that sends the request to the next node proves that this one took nothing: what nodes check before they store, and what never reached them.</summary>
    internal static bool IsSure(Status status) =>
        status.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unauthenticated or StatusCode.Unimplemented
        || status.DebugException is NodeConnectionFault { IsNotProcessed: true };

    private static PublishError Told(PublishErrorKind kind, Status status, IReadOnlyList<ParsedEnvelope> sent)
    {
        var text = NodeText.ForCaller(status.Detail, sent, out var index);
        return new PublishError(kind, "the node refused it: " + text) { EnvelopeIndex = index };
    }
}
