using System.Net;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// A reply without grpc-status: the page of an edge in front of the node, or half an answer. It says nothing of the
/// request.
/// </summary>
/// <param name="http">Its HTTP status.</param>
/// <param name="status">For the log.</param>
internal sealed class NoGrpcStatusException(HttpStatusCode http, Status status) : RpcException(status)
{
    /// <summary>Whether the edge kept the request to itself, so that the node has none of it: a 4xx page.</summary>
    internal bool WasKeptFromNode => (int)http is >= 400 and < 500;

    /// <summary>What it says of the node. A page that the request itself may provoke, such as 403 or 413, says nothing.</summary>
    internal AttemptOutcome Verdict => (int)http switch
    {
        200 => AttemptOutcome.Wrong,
        401 or 404 or 407 or 429 => AttemptOutcome.Unreachable,
        >= 400 and < 500 => AttemptOutcome.Answered,
        _ => AttemptOutcome.Unreachable,
    };
}
