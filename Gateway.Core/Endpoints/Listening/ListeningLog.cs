using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

internal static partial class ListeningLog
{
    [LoggerMessage(
        EventIds.ListeningNeverSpoke,
        LogLevel.Debug,
        "Connection {ConnectionId} was closed before its HTTP version was detected")]
    internal static partial void NeverSpoke(ILogger logger, string connectionId);

    [LoggerMessage(EventIds.ListeningAcceptFailed, LogLevel.Critical, "Accepting connections on port {Port} failed")]
    internal static partial void AcceptFailed(ILogger logger, Exception exception, int port);
}
