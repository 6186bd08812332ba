using System.Net.Sockets;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Why a call to a node ended without a response.</summary>
/// <param name="exception">The exception of the HTTP client.</param>
/// <param name="outcome">What the circuit breaker records.</param>
/// <param name="isNotProcessed">Whether the node certainly did not process the call.</param>
internal sealed class NodeConnectionFault(Exception exception, AttemptOutcome outcome, bool isNotProcessed)
    : IOException(exception.Message, exception)
{
    private const long RefusedStream = 7;

    /// <summary>What the circuit breaker records.</summary>
    internal AttemptOutcome Outcome { get; } = outcome;

    /// <summary>Whether the node certainly did not process the call. Otherwise it may have.</summary>
    internal bool IsNotProcessed { get; } = isNotProcessed;

    /// <summary>
    /// Whether HTTP/2 reports that a call was not processed: its stream was refused, or is above the last one of GOAWAY
    /// (see <see cref="Http2ResponseFrames"/>).
    /// </summary>
    /// <param name="exception">
    /// The exception thrown instead of the response's headers; after headers the report does not count.
    /// </param>
    internal static bool IsRefusedStream(Exception exception) =>
        exception.InnerException is HttpProtocolException { ErrorCode: RefusedStream };

    /// <summary>
    /// Whether a call had to move to another connection and none of those tried accepted it: the handler reports this
    /// without a cause, after its own attempts, none of which was processed.
    /// </summary>
    internal static bool IsNotBegun(Exception exception) =>
        exception is HttpRequestException { InnerException: null, HttpRequestError: HttpRequestError.Unknown };

    /// <summary>
    /// What this end of a call says about a node. The end of a connection that had worked is not the node's fault; the
    /// reset of a stream is, and so is the end of a connection that never worked.
    /// </summary>
    internal static AttemptOutcome OfEnd(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
            if (inner is NodeConnectionEnd end)
                return end.HadAnswered ? AttemptOutcome.Disconnected : AttemptOutcome.Unreachable;
        return AttemptOutcome.Unreachable;
    }

    /// <summary>
    /// Whether no connection was established, so that nothing was sent. A bare socket exception is a connection that
    /// was reset right after its handshake.
    /// </summary>
    internal static bool IsNotConnected(Exception exception) => exception is SocketException or HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>Whether an HTTP client's exception means that the connection failed, before or during a call.</summary>
    internal static bool IsOfConnection(Exception exception) => exception is HttpRequestException or IOException or SocketException;
}
