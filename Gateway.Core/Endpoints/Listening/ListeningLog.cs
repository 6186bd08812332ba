using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

internal static partial class ListeningLog
{
    [LoggerMessage(
        EventIds.ListeningNeverSpoke,
        LogLevel.Debug,
        "Connection {ConnectionId} was closed before it showed which HTTP it speaks")]
    internal static partial void NeverSpoke(ILogger logger, string connectionId);

    [LoggerMessage(EventIds.ListeningAcceptFailed, LogLevel.Critical, "Port {Port} takes no more connections")]
    internal static partial void AcceptFailed(ILogger logger, Exception exception, int port);
}
