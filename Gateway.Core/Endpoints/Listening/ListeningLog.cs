using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Endpoints.Listening;

internal static partial class ListeningLog
{
    [LoggerMessage(4001, LogLevel.Debug, "Connection {ConnectionId} was closed before it showed which HTTP it speaks")]
    internal static partial void NeverSpoke(ILogger logger, string connectionId);

    [LoggerMessage(4002, LogLevel.Critical, "Port {Port} takes no more connections")]
    internal static partial void AcceptFailed(ILogger logger, Exception exception, int port);
}
