using Grpc.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Takes one group to a node: sign, send, check the answer; on a node's failure the next node, under one deadline over all tries.</summary>
/// <remarks>
/// A try that timed out or lost its connection may have been taken by that node all the same; the next node then takes
/// it a second time. The original does the same, and readers of a topic drop what they saw.
/// </remarks>
internal sealed partial class NodeGroupPublisher(
    NodeConnections connections, NodeBreaker breaker, NodeChoice choice, ISigner signer,
    IOptions<PayerOptions> options, PublishMetrics metrics, TimeProvider time, ILogger<NodeGroupPublisher> logger)
{
    /// <summary>A probe of a node that was held back waits no longer than this.</summary>
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    internal async ValueTask PublishAsync(NodeGroup group, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        List<uint>? banned = null;
        var node = group.First;
        for (var tries = 1; ; tries++)
        {
            var verdict = await TryAsync(group, node, deadline, cancellationToken);
            if (verdict == Verdict.Done)
            {
                if (tries > 1) metrics.PublishedAfterBans(group.First.Id, tries - 1);
                return;
            }

            (banned ??= new List<uint>(2)).Add(node.Id);
            if (deadline.Remaining == TimeSpan.Zero)
            {
                group.Failed(new PublishError(PublishErrorKind.DeadlineExceeded, "no node answered in time"));
                return;
            }

            // A node that the breaker held back in the meantime was not tried, and is no try.
            if (verdict == Verdict.HeldBack) tries--;
            if (tries >= options.Value.EnvelopePublishRetries || choice.Next(group.Envelopes[0].Topic, banned) is not { } next)
            {
                group.Failed(choice.NoneLeft());
                return;
            }

            node = next;
        }
    }

    private async ValueTask<Verdict> TryAsync(NodeGroup group, NetworkNode node, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (!breaker.TryEnter(node.Id, out var probe)) return Verdict.HeldBack;
        if (!connections.TryTake(node, out var connection))
        {
            breaker.Abandoned(node.Id);
            return Verdict.HeldBack;
        }

        var limit = Least(deadline.Remaining, probe ? ProbeTimeout : options.Value.EnvelopePublishTimeout);
        using var timeout = new CancellationTokenSource(limit, time);
        using var leaving = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), timeout);
        try
        {
            return await SendAsync(group, connection, timeout.Token);
        }
        catch (RpcException fault) when (NodeRefusal.From(fault.Status) is { } refusal)
        {
            breaker.Succeeded(node.Id);
            if (refusal.Reason == NodeRefusal.PayerBalanceEmpty) LogBalanceEmpty(logger, node.Id, signer.Address);
            metrics.RefusedByNode(node.Id, refusal);
            group.Failed(refusal);
            return Verdict.Done;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TimedOut(node);
        }
        catch (OperationCanceledException)
        {
            breaker.Abandoned(node.Id);
            group.Failed(new PublishError(PublishErrorKind.Cancelled, "the caller left"));
            return Verdict.Done;
        }
        catch (RpcException fault)
        {
            return FailedNode(node, fault);
        }
        finally
        {
            connection.Dispose();
        }
    }

    private async ValueTask<Verdict> SendAsync(NodeGroup group, NodeConnection connection, CancellationToken cancellationToken)
    {
        var node = connection.Node;

        // Not from a pool: a call that was cancelled may still be writing them when the next one rents.
        var signatures = new byte[group.Envelopes.Count * PayerEnvelopeWriter.SignatureSize];
        await PayerSigning.SignAsync(signer, node.Id, group.Envelopes, signatures, cancellationToken);

        var started = time.GetTimestamp();
        var response = await connection.PublishAsync(new NodePublish(node.Id, group.Envelopes, signatures), cancellationToken);
        var answers = new List<ReadOnlyMemory<byte>>(group.Envelopes.Count);
        if (NodeAnswer.Read(connection, group.Envelopes, response, answers) is { } wrong)
        {
            LogWrongAnswer(logger, node.Id, wrong);
            metrics.WrongAnswer(node.Id);
            breaker.Failed(node.Id);
            return Verdict.NodeFailed;
        }

        breaker.Succeeded(node.Id);
        metrics.Published(node.Id, answers.Count, time.GetElapsedTime(started));
        group.Published(answers);
        return Verdict.Done;
    }

    private Verdict TimedOut(NetworkNode node)
    {
        LogTimedOut(logger, node.Id);
        breaker.Failed(node.Id);
        return Verdict.NodeFailed;
    }

    private Verdict FailedNode(NetworkNode node, RpcException fault)
    {
        LogNodeFailed(logger, node.Id, fault.StatusCode, fault.Status.Detail);

        // A node that says it is busy is alive.
        if (fault.StatusCode == StatusCode.ResourceExhausted) breaker.Abandoned(node.Id);
        else breaker.Failed(node.Id);
        return Verdict.NodeFailed;
    }

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private enum Verdict
    {
        Done,
        NodeFailed,
        HeldBack,
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "node {Node} failed with {Status}: {Detail}; trying the next one")]
    private static partial void LogNodeFailed(ILogger logger, uint node, StatusCode status, string detail);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Warning, Message = "node {Node} did not answer in time; trying the next one")]
    private static partial void LogTimedOut(ILogger logger, uint node);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Error, Message = "node {Node} gave a wrong answer: {Fault}; trying the next one")]
    private static partial void LogWrongAnswer(ILogger logger, uint node, string fault);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Critical, Message = "node {Node} says that the balance of payer {Payer} is empty: deposit to the payer registry")]
    private static partial void LogBalanceEmpty(ILogger logger, uint node, EthereumAddress payer);
}
