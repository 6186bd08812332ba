using Grpc.Core;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Tells a node's refusal of the request from a failure of the node.</summary>
internal static class NodeRefusal
{
    /// <summary>The reason that programs see when the payer cannot pay.</summary>
    internal const string PayerBalanceEmpty = "PAYER_BALANCE_EMPTY";

    private const int LongestText = 300;

    /// <summary>The error for the caller when the fault is the request's own: no other node would take it. Null when another may.</summary>
    internal static PublishError? From(Status status) => status.StatusCode switch
    {
        StatusCode.FailedPrecondition when IsBalance(status.Detail) =>
            new PublishError(PublishErrorKind.FailedPrecondition, "the payer's balance does not cover this publish; its operator has to deposit") { Reason = PayerBalanceEmpty },
        StatusCode.FailedPrecondition => new PublishError(PublishErrorKind.FailedPrecondition, Text(status.Detail)),
        StatusCode.InvalidArgument => new PublishError(PublishErrorKind.InvalidArgument, Text(status.Detail)),
        StatusCode.PermissionDenied => new PublishError(PublishErrorKind.PermissionDenied, Text(status.Detail)),
        _ => null,
    };

    private static bool IsBalance(string detail) => detail.Contains("balance", StringComparison.OrdinalIgnoreCase);

    private static string Text(string detail) => "the node refused it: " + (detail.Length > LongestText ? detail[..LongestText] : detail);
}
