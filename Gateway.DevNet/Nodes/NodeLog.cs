namespace Xmtp.Gateway.DevNet.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(2001, LogLevel.Debug, "node {Node} took {Count} envelopes, numbers {First} to {Last}")]
    public static partial void Took(ILogger logger, uint node, int count, ulong first, ulong last);

    [LoggerMessage(2002, LogLevel.Information, "node {Node} refused a publish: {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, uint node, Grpc.Core.StatusCode status, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "the App Chain was not read: {Error}; it is read again with the next event or connection")]
    public static partial void ChainUnread(ILogger logger, Xmtp.Gateway.Chain.JsonRpc.RpcError error);

    [LoggerMessage(2004, LogLevel.Debug, "node {Node} lost its stream from node {Peer}: {Reason}")]
    public static partial void PeerLost(ILogger logger, uint node, uint peer, string reason);

    [LoggerMessage(2005, LogLevel.Warning, "node {Node} got an envelope from node {Peer} that this did not sign, or that is none; it was left out")]
    public static partial void PeerLied(ILogger logger, uint node, uint peer);

    [LoggerMessage(7001, LogLevel.Debug, "node {Node} answered {Method} with {Status}: {Reason}")]
    public static partial void Failed(ILogger logger, uint node, string method, Grpc.Core.StatusCode status, string reason);

    [LoggerMessage(7002, LogLevel.Warning, "node {Node} could not insert what is staged, and tries again: {Error}")]
    public static partial void WorkerFailed(ILogger logger, uint node, Xmtp.Gateway.Chain.JsonRpc.RpcError error);
}
