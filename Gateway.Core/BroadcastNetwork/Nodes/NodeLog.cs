using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The log lines about nodes. The nodes' own messages go here, and not to callers.</summary>
internal static partial class NodeLog
{
    [LoggerMessage(EventIds.NodeFailed, LogLevel.Warning, "node {Node} failed, attempt {Attempt}: {Outcome}, {Status}: {Detail}")]
    internal static partial void Failed(ILogger logger, uint node, int attempt, AttemptOutcome outcome, StatusCode status, string detail);

    [LoggerMessage(EventIds.NodeTimedOut, LogLevel.Warning, "node {Node} did not answer within {Seconds} s, attempt {Attempt}")]
    internal static partial void TimedOut(ILogger logger, uint node, double seconds, int attempt);

    [LoggerMessage(EventIds.NodeWrongAnswer, LogLevel.Error, "node {Node} gave a wrong answer, attempt {Attempt}: {Fault}")]
    internal static partial void WrongAnswer(ILogger logger, uint node, int attempt, string fault);

    [LoggerMessage(
        EventIds.NodeBalanceEmpty,
        LogLevel.Critical,
        "node {Node} says that the balance of payer {Payer} is too low: deposit to the payer registry. The chain has {Balance} " +
            "microdollars, and nodes subtract what is not charged yet: {Uncharged} picodollars of this gateway by estimate. {Detail} " +
            "({Before} more such refusals since the last such line)")]
    internal static partial void BalanceEmpty(
        ILogger logger, uint node, EthereumAddress payer, string balance, string uncharged, string detail, long before);

    [LoggerMessage(EventIds.NodeRefused, LogLevel.Information, "node {Node} refused a request: {Status}: {Detail}")]
    internal static partial void Refused(ILogger logger, uint node, StatusCode status, string detail);

    [LoggerMessage(EventIds.NodeConnecting, LogLevel.Information, "connecting to node {Node} at {Address}")]
    internal static partial void Connecting(ILogger logger, uint node, string address);

    [LoggerMessage(
        EventIds.NodeLeft,
        LogLevel.Information,
        "node {Node} left the network or moved; its connection closes when its calls are done")]
    internal static partial void Left(ILogger logger, uint node);

    [LoggerMessage(EventIds.NodeExcluded, LogLevel.Warning, "node {Node} is excluded for {Seconds} s")]
    internal static partial void Excluded(ILogger logger, uint node, double seconds);

    [LoggerMessage(
        EventIds.NodeNotSigned,
        LogLevel.Error,
        "the payer's key could not sign ({Suppressed} such lines suppressed since the last one)")]
    internal static partial void NotSigned(ILogger logger, long suppressed, Exception exception);

    [LoggerMessage(EventIds.NodeAttemptFailed, LogLevel.Error, "an unattended attempt at node {Node} failed")]
    internal static partial void AttemptFailed(ILogger logger, uint node, Exception exception);
}
