namespace Xmtp.Gateway.DevNet;

/// <summary>The ids of all events that this project logs. Each id is unique across all projects.</summary>
internal static class EventIds
{
    internal const int NodeFailed = 7001;
    internal const int NodeWorkerFailed = 7002;
    internal const int NodeTook = 7011;
    internal const int NodeRefused = 7012;
    internal const int NodeChainUnread = 7013;
    internal const int NodePeerLost = 7014;
    internal const int NodePeerSignatureInvalid = 7015;
}
