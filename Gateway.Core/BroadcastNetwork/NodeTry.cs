using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>One try: signed envelopes go to one node, its answer is checked, and what went wrong is told apart.</summary>
/// <remarks>
/// A caller that leaves ends the try not at once but soon: the node may have the envelopes already, and its answer is
/// what the caller's next try is told instead of being paid for again.
/// </remarks>
internal sealed class NodeTry(ISigner signer, PublishMetrics metrics, OriginatorRates traffic, TimeProvider time, ILogger<NodeTry> log)
{
    private static readonly TimeSpan AfterTheCallerLeft = TimeSpan.FromSeconds(2);

    private readonly LogThrottle balanceEmpty = new(TimeSpan.FromMinutes(1), time);

    /// <summary>Sends envelopes to a node.</summary>
    /// <param name="connection">The node.</param>
    /// <param name="envelopes">What to send.</param>
    /// <param name="signatures">65 bytes an envelope, made for this node.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="number">Which try this is, from 1.</param>
    /// <param name="leaves">Ends when the caller leaves.</param>
    internal async ValueTask<TryResult> RunAsync(
        NodeConnection connection, IReadOnlyList<ParsedEnvelope> envelopes, ReadOnlyMemory<byte> signatures, TryTime limit, int number, CancellationToken leaves)
    {
        using var span = PublishTracing.NodePublish(connection.Node.Id, envelopes.Count, number);
        using var timeout = new CancellationTokenSource(limit.Length, time);
        using var leaving = leaves.UnsafeRegister(static source => ((CancellationTokenSource)source!).CancelAfter(AfterTheCallerLeft), timeout);
        var publish = new NodePublish(connection.Node.Id, envelopes, signatures);
        try
        {
            var result = await RunAsync(connection, publish, envelopes, limit, timeout, number, leaves);
            publish.Withdraw();
            return publish.IsWritten ? result : result with { MayBeTaken = false };
        }
        finally
        {
            publish.Withdraw();
        }
    }

    private async ValueTask<TryResult> RunAsync(
        NodeConnection connection, NodePublish publish, IReadOnlyList<ParsedEnvelope> envelopes, TryTime limit, CancellationTokenSource timeout, int number, CancellationToken leaves)
    {
        try
        {
            var started = time.GetTimestamp();
            var response = await connection.PublishAsync(publish, timeout.Token);
            return Read(connection, envelopes, response, time.GetElapsedTime(started), number);
        }
        catch (Exception fault) when (fault is OperationCanceledException || (fault is RpcException && timeout.IsCancellationRequested))
        {
            if (leaves.IsCancellationRequested) return TryResult.Ended(PublishFaults.CallerLeft, TryVerdict.Nothing) with { MayBeTaken = true };
            NodeLog.TimedOut(log, connection.Node.Id, limit.Length.TotalSeconds, number);
            return NextNode(connection, limit.Passed);
        }
        catch (RpcException fault)
        {
            return Refused(connection, envelopes, fault.Status) ?? Failed(connection, fault.Status, number);
        }
    }

    private TryResult Read(NodeConnection connection, IReadOnlyList<ParsedEnvelope> envelopes, byte[] response, TimeSpan took, int number)
    {
        var answers = new List<ReadOnlyMemory<byte>>(envelopes.Count);
        if (NodeAnswer.Read(connection, envelopes, response, answers) is { } wrong)
        {
            NodeLog.WrongAnswer(log, connection.Node.Id, number, wrong);
            return NextNode(connection, TryVerdict.Wrong);
        }

        metrics.Published(connection.Label, answers.Count, took);
        traffic.Count(connection.Node.Id, answers.Count);
        return TryResult.Published(answers);
    }

    private TryResult? Refused(NodeConnection connection, IReadOnlyList<ParsedEnvelope> envelopes, Status status)
    {
        if (NodeRefusal.From(status, envelopes) is not { } refusal) return null;
        metrics.RefusedByNode(connection.Label, refusal);
        if (refusal.Reason == NodeRefusal.PayerBalanceEmpty)
        {
            // Every publish is refused then: the counter has them all, the log one a minute.
            if (balanceEmpty.TryPass(out var since)) NodeLog.BalanceEmpty(log, connection.Node.Id, signer.Address, status.Detail, since);
        }
        else NodeLog.Refused(log, connection.Node.Id, status.StatusCode, status.Detail);
        return TryResult.Ended(refusal, TryVerdict.Answered);
    }

    private TryResult Failed(NodeConnection connection, Status status, int number)
    {
        var verdict = NodeRefusal.Verdict(status);
        NodeLog.Failed(log, connection.Node.Id, number, verdict, status.StatusCode, status.Detail);
        return NextNode(connection, verdict, status.StatusCode == StatusCode.ResourceExhausted ? NodeRefusal.Busy : null) with { MayBeTaken = !NodeRefusal.IsSure(status) };
    }

    private TryResult NextNode(NodeConnection connection, TryVerdict verdict, PublishError? unlessAnother = null)
    {
        metrics.NodeFailed(connection.Label, verdict.ToString());
        return TryResult.TryNext(verdict, unlessAnother) with { MayBeTaken = true };
    }
}
