using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.BroadcastNetwork.Coalescing;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>One attempt: sends signed envelopes to one node, checks its answer, and classifies a failure.</summary>
/// <remarks>
/// The node gets its deadline in <c>grpc-timeout</c>, and its response is read for one second more, so that its
/// response at the deadline is still received. When the node has not seen a dependency yet, the attempt is repeated
/// here up to twice, as nodes lag up to 200 ms.
/// </remarks>
internal sealed class NodeAttempt(PublishMetrics metrics, OriginatorRates traffic, TimeProvider time, ILogger<NodeAttempt> logger)
{
    private static readonly TimeSpan[] DependencyPauses = [TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200)];
    private static readonly TimeSpan ClockSlack = TimeSpan.FromMilliseconds(50);

    /// <summary>Sends envelopes to a node.</summary>
    /// <param name="connection">The node.</param>
    /// <param name="envelopes">What to send. Not read any more once the caller was detached.</param>
    /// <param name="sharesAs">The caller as which they may share a call with others; null for a call of their own.</param>
    /// <param name="signatures">65 bytes per envelope, made for this node.</param>
    /// <param name="limit">The timeout of the attempt.</param>
    /// <param name="number">The number of the attempt, from 1.</param>
    /// <param name="life">Whether the caller waits for it.</param>
    internal async ValueTask<AttemptResult> RunAsync(
        NodeConnection connection,
        IReadOnlyList<ParsedEnvelope> envelopes,
        ClientIdentity? sharesAs,
        ReadOnlyMemory<byte> signatures,
        AttemptTimeout limit,
        int number,
        AttemptLifetime life)
    {
        using var span = PublishTracing.NodePublish(connection.Node.Id, envelopes.Count, number);
        var (began, read) = (time.GetTimestamp(), limit.ReadFor);
        for (var again = 0; ; again++)
        {
            var left = limit.ForNode - time.GetElapsedTime(began);
            var publish = new NodePublish(connection.Node.Id, envelopes, signatures, left);
            life.Sends(publish, read - time.GetElapsedTime(began));
            var result = await SendAsync(connection, publish, envelopes, sharesAs, limit, number, life).ConfigureAwait(false);
            publish.Withdraw();
            if (!publish.IsWritten) result = result with { MayBeTaken = false };
            if (!result.MayBeTaken) life.WasNotTaken();
            if (result.Refusal?.Kind != NodeRefusalKind.Dependency
                || again == DependencyPauses.Length
                || !await PauseAsync(DependencyPauses[again], limit, began, life).ConfigureAwait(false))
            {
                return result;
            }
        }
    }

    // False when there is no time left, or no caller waits.
    private async ValueTask<bool> PauseAsync(TimeSpan pause, AttemptTimeout limit, long began, AttemptLifetime life)
    {
        if (limit.ForNode - time.GetElapsedTime(began) < pause * 2) return false;
        await Task.Delay(pause, time, life.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !life.Token.IsCancellationRequested;
    }

    private async ValueTask<AttemptResult> SendAsync(
        NodeConnection connection,
        NodePublish publish,
        IReadOnlyList<ParsedEnvelope> envelopes,
        ClientIdentity? sharesAs,
        AttemptTimeout limit,
        int number,
        AttemptLifetime life)
    {
        var began = time.GetTimestamp();
        try
        {
            var response = await connection.PublishAsync(publish, sharesAs, life.Token).ConfigureAwait(false);
            return Read(connection, publish, response, began, number);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException || (exception is RpcException && life.Token.IsCancellationRequested))
        {
            if (life.IsStopped) return AttemptResult.TryNext(AttemptOutcome.Nothing);
            NodeLog.TimedOut(logger, connection.Node.Id, limit.Length.TotalSeconds, number);
            return NextNode(connection, publish, limit.Passed, AttemptDoubt.Silence);
        }
        catch (ClaimLapsedException)
        {
            return AttemptResult.Ended(LapsedClaims.Error(mayBeTaken: false), AttemptOutcome.Nothing);
        }
        catch (NoGrpcStatusException exception)
        {
            NodeLog.Failed(logger, connection.Node.Id, number, exception.Outcome, exception.StatusCode, exception.Status.Detail);
            return NextNode(connection, publish, exception.Outcome, AttemptDoubt.AnsweredError) with
            {
                MayBeTaken = !exception.WasKeptFromNode,
            };
        }
        catch (RpcException exception)
        {
            return Refused(connection, envelopes, exception.Status)
                ?? Failed(connection, publish, exception.Status, limit, IsTimeUp(publish, began), number);
        }
    }

    // Whether the node's timeout has passed, about.
    private bool IsTimeUp(NodePublish publish, long began) =>
        time.GetElapsedTime(publish.Began ?? began) >= publish.Timeout - ClockSlack;

    private AttemptResult Read(NodeConnection connection, NodePublish publish, ReadOnlyMemory<byte> response, long began, int number)
    {
        var answers = new List<ReadOnlyMemory<byte>>(publish.Count);
        if (publish.Check(connection, response, answers) is { } wrong)
        {
            NodeLog.WrongAnswer(logger, connection.Node.Id, number, wrong);
            return NextNode(connection, publish, AttemptOutcome.Wrong, AttemptDoubt.None);
        }

        if (!IsTimeUp(publish, began)) connection.Progress.Inserted(publish.Began ?? began);
        metrics.Published(connection.Label, answers.Count, time.GetElapsedTime(began));
        traffic.Count(connection.Node.Id, answers.Count);
        return AttemptResult.Published(answers);
    }

    private AttemptResult? Refused(NodeConnection connection, IReadOnlyList<ParsedEnvelope> envelopes, Status status)
    {
        if (NodeRefusal.From(status, envelopes) is not { } refusal) return null;
        NodeLog.Refused(logger, connection.Node.Id, status.StatusCode, status.Detail);
        return AttemptResult.Refused(refusal);
    }

    private AttemptResult Failed(
        NodeConnection connection, NodePublish publish, Status status, AttemptTimeout limit, bool isTimeUp, int number)
    {
        // The node itself reports that its deadline passed before it staged the envelopes.
        var notStaged = status.StatusCode == StatusCode.DeadlineExceeded && isTimeUp;
        var outcome = notStaged ? limit.Passed : NodeRefusal.OutcomeOf(status);
        NodeLog.Failed(logger, connection.Node.Id, number, outcome, status.StatusCode, status.Detail);
        var doubt = status.DebugException is { } exception && NodeConnectionFault.IsOfConnection(exception)
            ? AttemptDoubt.BrokenOff
            : AttemptDoubt.AnsweredError;
        var unlessAnother = status.StatusCode == StatusCode.ResourceExhausted ? NodeRefusal.Busy : null;
        return NextNode(connection, publish, outcome, doubt, unlessAnother) with
        {
            MayBeTaken = !notStaged && !NodeRefusal.IsSure(status),
        };
    }

    private AttemptResult NextNode(
        NodeConnection connection, NodePublish publish, AttemptOutcome outcome, AttemptDoubt doubt, PublishError? unlessAnother = null)
    {
        metrics.NodeFailed(connection.Label, outcome.ToString());
        return AttemptResult.TryNext(outcome, unlessAnother) with
        {
            MayBeTaken = true,
            Doubt = doubt,
            IsReported = outcome > AttemptOutcome.Answered && publish.Decision?.TryReport() == false,
        };
    }
}
