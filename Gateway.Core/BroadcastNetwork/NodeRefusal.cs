using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>A node's refusal of a request. It is decided before anything is staged, so asking another node costs nothing.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Error">What the caller is told when it stands.</param>
/// <param name="Status">What the node answered, for the log.</param>
internal sealed record NodeRefusal(NodeRefusalKind Kind, PublishError Error, Status Status)
{
    /// <summary>The reason that programs see when the payer cannot pay.</summary>
    internal const string PayerBalanceEmpty = "PAYER_BALANCE_EMPTY";

    private const string HiddenText = "request has failed";

    private static readonly PublishError EmptyBalance =
        new(PublishErrorKind.FailedPrecondition, "the payer's balance does not cover this publish; the gateway's operator has to deposit")
        {
            Reason = PayerBalanceEmpty,
        };

    private static readonly PublishError Trouble =
        new(PublishErrorKind.Unavailable, "the nodes of the Broadcast Network cannot check it now")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>Whether the text says anything.</summary>
    internal bool HasText => Status.Detail.Length > 0 && Status.Detail != HiddenText;

    /// <summary>What stands when no node takes a request because all of them are too busy for it.</summary>
    internal static PublishError Busy { get; } =
        new(PublishErrorKind.ResourceExhausted, "the nodes of the Broadcast Network take no more for now")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>The refusal that a status is; null when it is none.</summary>
    /// <param name="status">What the node answered.</param>
    /// <param name="sent">What it was sent: an index in its text becomes that of the caller's request.</param>
    internal static NodeRefusal? From(Status status, IReadOnlyList<ParsedEnvelope> sent) => status.StatusCode switch
    {
        // Nodes answer it to a publish for the balance alone; most of them hide the text.
        StatusCode.FailedPrecondition => new(NodeRefusalKind.Balance, EmptyBalance, status),
        StatusCode.InvalidArgument when NodeTrouble.IsDependency(status.Detail) =>
            new(NodeRefusalKind.Dependency, Told(PublishErrorKind.InvalidArgument, status, sent), status),
        StatusCode.InvalidArgument when NodeTrouble.IsOwn(status.Detail) => new(NodeRefusalKind.OwnTrouble, Trouble, status),
        StatusCode.InvalidArgument => new(NodeRefusalKind.Request, Told(PublishErrorKind.InvalidArgument, status, sent), status),
        StatusCode.PermissionDenied => new(NodeRefusalKind.Request, Told(PublishErrorKind.PermissionDenied, status, sent), status),
        _ => null,
    };

    /// <summary>
    /// What a failed call says of the node. An error that the node answers proves that it lives, and may be the
    /// request's doing.
    /// </summary>
    internal static AttemptOutcome Verdict(Status status) => status.StatusCode switch
    {
        StatusCode.Unavailable => status.DebugException is NodeConnectionFault fault ? fault.Verdict : AttemptOutcome.Unreachable,
        StatusCode.Unimplemented => AttemptOutcome.Wrong,
        _ => AttemptOutcome.Answered,
    };

    /// <summary>
    /// Whether a status that sends the request to the next node proves that this one took nothing: what nodes check
    /// before they store, and what never reached them.
    /// </summary>
    internal static bool IsSure(Status status) =>
        status.StatusCode is StatusCode.ResourceExhausted or StatusCode.Unauthenticated or StatusCode.Unimplemented
        || status.DebugException is NodeConnectionFault { IsNotProcessed: true };

    private static PublishError Told(PublishErrorKind kind, Status status, IReadOnlyList<ParsedEnvelope> sent)
    {
        var text = NodeErrorSanitizer.ForCaller(NodeTrouble.ShowsInside(status.Detail) ? HiddenText : status.Detail, sent, out var index);
        return new PublishError(kind, "the node refused it: " + text) { EnvelopeIndex = index };
    }
}
