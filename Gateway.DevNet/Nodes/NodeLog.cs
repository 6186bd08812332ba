namespace Xmtp.Gateway.DevNet.Nodes;

internal static partial class NodeLog
{
    [LoggerMessage(2001, LogLevel.Debug, "node {Node} took {Count} envelopes, numbers {First} to {Last}")]
    public static partial void Took(ILogger logger, uint node, int count, ulong first, ulong last);

    [LoggerMessage(2002, LogLevel.Information, "node {Node} refused a publish: {Status}: {Reason}")]
    public static partial void Refused(ILogger logger, uint node, Grpc.Core.StatusCode status, string reason);
}
