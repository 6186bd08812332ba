using System.Net.Sockets;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Why a call to a node ended without an answer.</summary>
/// <param name="exception">What the HTTP client said.</param>
/// <param name="verdict">What the breaker learns.</param>
/// <param name="isNotProcessed">Whether the node surely did nothing with the call.</param>
internal sealed class NodeConnectionFault(Exception exception, AttemptOutcome verdict, bool isNotProcessed)
    : IOException(exception.Message, exception)
{
    private const long RefusedStream = 7;

    /// <summary>What the breaker learns.</summary>
    internal AttemptOutcome Verdict { get; } = verdict;

    /// <summary>Whether the node surely did nothing with the call. Otherwise it may have.</summary>
    internal bool IsNotProcessed { get; } = isNotProcessed;

    /// <summary>
    /// Whether HTTP/2 says that a call was not processed: its stream was refused, or is above the last one of GOAWAY
    /// (see <see cref="Http2ResponseFrames"/>).
    /// </summary>
    /// <param name="exception">What was thrown in place of the response's headers; once there are any, no such word counts.</param>
    internal static bool IsRefusedStream(Exception exception) =>
        exception.InnerException is HttpProtocolException { ErrorCode: RefusedStream };

    /// <summary>
    /// Whether a call had to go to another connection and none of those tried took it any more: the handler says so
    /// without a cause, after its own attempts, of which none was processed.
    /// </summary>
    internal static bool IsNotBegun(Exception exception) =>
        exception is HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown };

    /// <summary>
    /// What it says of a node that a call ended so. A connection that had worked and ends is not its doing; a stream
    /// that it reset is, or a connection that never worked.
    /// </summary>
    internal static AttemptOutcome OfEnd(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
            if (inner is NodeConnectionEnd end)
                return end.HadAnswered ? AttemptOutcome.Disconnected : AttemptOutcome.Unreachable;
        return AttemptOutcome.Unreachable;
    }

    /// <summary>
    /// Whether no connection was had, so that nothing was sent. A bare socket exception is a connection that was reset
    /// right after its handshake.
    /// </summary>
    internal static bool IsNotConnected(Exception exception) => exception is SocketException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>Whether an HTTP client's exception says that the connection failed, before or under a call.</summary>
    internal static bool IsOfConnection(Exception exception) => exception is HttpRequestException or IOException or SocketException;
}
