using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

internal static partial class ListeningLog
{
    [LoggerMessage(
        EventIds.ListeningSentNothing,
        LogLevel.Debug,
        "connection {ConnectionId} was closed before its HTTP version was detected")]
    internal static partial void SentNothing(ILogger logger, string connectionId);

    [LoggerMessage(EventIds.ListeningAcceptFailed, LogLevel.Critical, "accepting connections on port {Port} failed")]
    internal static partial void AcceptFailed(ILogger logger, Exception exception, int port);
}
