using System.Net;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// A response without grpc-status: the page of an edge proxy in front of the node, or half a response. It says nothing
/// about the request.
/// </summary>
/// <param name="http">Its HTTP status.</param>
/// <param name="status">The status for the log.</param>
internal sealed class NoGrpcStatusException(HttpStatusCode http, Status status) : RpcException(status)
{
    /// <summary>Whether the edge proxy did not forward the request, so that the node has none of it: a 4xx page.</summary>
    internal bool WasKeptFromNode => (int)http is >= 400 and < 500;

    /// <summary>
    /// What it says about the node. A page that the request itself may provoke, such as 403 or 413, says nothing.
    /// </summary>
    internal AttemptOutcome Outcome => (int)http switch
    {
        200 => AttemptOutcome.Wrong,
        401 or 404 or 407 or 429 => AttemptOutcome.Unreachable,
        >= 400 and < 500 => AttemptOutcome.Answered,
        _ => AttemptOutcome.Unreachable,
    };
}
