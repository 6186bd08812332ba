namespace Xmtp.Gateway.DevNet.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(EventIds.NodeTook, LogLevel.Debug, "node {Node} accepted {Count} envelopes, sequence ids {First} to {Last}")]
    public static partial void Took(ILogger logger, uint node, int count, ulong first, ulong last);

    [LoggerMessage(EventIds.NodeRefused, LogLevel.Information, "node {Node} refused a publish: {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, uint node, Grpc.Core.StatusCode status, string reason);

    [LoggerMessage(
        EventIds.NodeChainUnread,
        LogLevel.Warning,
        "the App Chain could not be read: {Error}; retrying with the next event or connection")]
    public static partial void ChainUnread(ILogger logger, Xmtp.Gateway.Chain.JsonRpc.RpcError error);

    [LoggerMessage(EventIds.NodePeerLost, LogLevel.Debug, "node {Node} lost its stream from node {Peer}: {Reason}")]
    public static partial void PeerLost(ILogger logger, uint node, uint peer, string reason);

    [LoggerMessage(
        EventIds.NodePeerSignatureInvalid,
        LogLevel.Warning,
        "node {Node} skipped an envelope from node {Peer} that is invalid or has a wrong signature")]
    public static partial void PeerSignatureInvalid(ILogger logger, uint node, uint peer);

    [LoggerMessage(EventIds.NodeFailed, LogLevel.Debug, "node {Node} answered {Method} with {Status}: {Reason}")]
    public static partial void Failed(ILogger logger, uint node, string method, Grpc.Core.StatusCode status, string reason);

    [LoggerMessage(EventIds.NodeWorkerFailed, LogLevel.Warning, "node {Node} could not insert the staged envelopes; retrying: {Error}")]
    public static partial void WorkerFailed(ILogger logger, uint node, Xmtp.Gateway.Chain.JsonRpc.RpcError error);
}
