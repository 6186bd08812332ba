using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// A node's refusal of a request. Nodes refuse before they stage anything, so trying another node costs nothing.
/// </summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Error">The error that the caller gets if no other node accepts the request.</param>
/// <param name="Status">The node's status, for the log.</param>
internal sealed record NodeRefusal(NodeRefusalKind Kind, PublishError Error, Status Status)
{
    /// <summary>The machine-readable reason when the payer cannot pay.</summary>
    internal const string PayerBalanceEmpty = "PAYER_BALANCE_EMPTY";

    private const string HiddenText = "request has failed";

    private static readonly PublishError EmptyBalance =
        new(PublishErrorKind.FailedPrecondition, "the payer's balance does not cover this publish; the gateway's operator has to deposit")
        {
            Reason = PayerBalanceEmpty,
        };

    /// <summary>The error when a wallet of the caller, not the payer, cannot pay.</summary>
    internal static PublishError EmptyWallet { get; } =
        new(PublishErrorKind.FailedPrecondition, "the balance of the caller's wallet does not cover this publish; it needs a deposit")
        {
            Reason = PayerBalanceEmpty,
        };

    private static readonly PublishError Trouble =
        new(PublishErrorKind.Unavailable, "the nodes of the Broadcast Network cannot check it now")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>Whether the message contains information.</summary>
    internal bool HasText => Status.Detail.Length > 0 && Status.Detail != HiddenText;

    /// <summary>The error when no node accepts a request because all of them are too busy.</summary>
    internal static PublishError Busy { get; } =
        new(PublishErrorKind.ResourceExhausted, "the nodes of the Broadcast Network accept no more requests for now")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>The refusal for a status; null when the status is not one.</summary>
    /// <param name="status">The node's status.</param>
    /// <param name="sent">The envelopes sent: an index in the message is replaced by that of the caller's request.</param>
    internal static NodeRefusal? From(Status status, IReadOnlyList<ParsedEnvelope> sent) => status.StatusCode switch
    {
        // For a publish, nodes return this only for the balance; most of them hide the message.
        StatusCode.FailedPrecondition => new(NodeRefusalKind.Balance, EmptyBalance, status),
        StatusCode.InvalidArgument when NodeErrorTexts.IsDependency(status.Detail) =>
            new(NodeRefusalKind.Dependency, ErrorOf(PublishErrorKind.InvalidArgument, status, sent), status),
        StatusCode.InvalidArgument when NodeErrorTexts.IsOwn(status.Detail) => new(NodeRefusalKind.OwnTrouble, Trouble, status),
        StatusCode.InvalidArgument => new(NodeRefusalKind.Request, ErrorOf(PublishErrorKind.InvalidArgument, status, sent), status),
        StatusCode.PermissionDenied => new(NodeRefusalKind.Request, ErrorOf(PublishErrorKind.PermissionDenied, status, sent), status),
        _ => null,
    };

    /// <summary>
    /// What a failed call says about the node. An error returned by the node proves that it is alive, and may be caused
    /// by the request.
    /// </summary>
    internal static AttemptOutcome OutcomeOf(Status status) => status.StatusCode switch
    {
        StatusCode.Unavailable => status.DebugException is NodeConnectionFault fault ? fault.Outcome : AttemptOutcome.Unreachable,
        StatusCode.Unimplemented => AttemptOutcome.Wrong,
        _ => AttemptOutcome.Answered,
    };

    /// <summary>
    /// Whether a status after which the next node is tried proves that this one accepted nothing: it is of a check
    /// before storing, or the call never reached the node.
    /// </summary>
    internal static bool IsSure(Status status) =>
        status.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unauthenticated or StatusCode.Unimplemented
        || status.DebugException is NodeConnectionFault { IsNotProcessed: true };

    private static PublishError ErrorOf(PublishErrorKind kind, Status status, IReadOnlyList<ParsedEnvelope> sent)
    {
        var text = NodeErrorSanitizer.ForCaller(
            NodeErrorTexts.ShowsInside(status.Detail) ? HiddenText : status.Detail, sent, out var index);
        return new PublishError(kind, "the node refused it: " + text) { EnvelopeIndex = index };
    }
}
