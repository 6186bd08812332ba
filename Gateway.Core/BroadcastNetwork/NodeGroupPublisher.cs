using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Publishes one group to a node and, when the node fails or refuses it, to the next one, under one deadline over all
/// attempts.
/// </summary>
/// <remarks>
/// A refusal costs nothing, so another node is tried before it is returned. An attempt that has sent a byte is read to
/// its end even when its caller leaves (<see cref="UnattendedAttempts"/>). An attempt that ended without a response is
/// looked up at its node (<see cref="PublishedLookup"/>); if that is inconclusive, the next node may accept the
/// envelopes a second time.
/// </remarks>
internal sealed class NodeGroupPublisher(
    NodeConnections connections,
    NodeChoice choice,
    NodeAttempt nodeAttempt,
    PublishedLookup lookup,
    GroupSigning signing,
    GroupEnds ends,
    UnattendedAttempts unattended,
    LapsedClaims lapsed,
    IOptions<BroadcastNetworkOptions> options,
    TimeProvider time,
    ILogger<NodeGroupPublisher> logger)
{
    // A node that could not be tried, since its circuit opened meanwhile, is no attempt.
    private int MaxAttempts => Math.Max(1, options.Value.EnvelopePublishRetries);

    /// <summary>Publishes a group. Does not throw.</summary>
    /// <returns>The outcomes of the request, with the group's filled in.</returns>
    internal async ValueTask<EnvelopeOutcome[]> PublishAsync(NodeGroup group, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        List<uint>? banned = null;
        NodeRefusals? refusals = null;
        PublishError? unlessAnother = null;
        var (node, attempts) = (group.First, 0);
        while (deadline.Remaining is var remaining && remaining > TimeSpan.Zero && !cancellationToken.IsCancellationRequested)
        {
            var life = new AttemptLifetime(time);
            var trying = TryAsync(group, node, remaining, attempts + 1, banned, deadline, life, cancellationToken);
            if (!await WaitAsync(trying, life, deadline, cancellationToken).ConfigureAwait(false))
                return ContinueUnattended(group, node, trying, refusals, deadline, cancellationToken);
            if (await trying.ConfigureAwait(false) is { } result)
            {
                attempts++;
                if (result.IsFinal) return ends.End(group, node, result, refusals, attempts);
                group.Doubt(node, result);
                if (IsAnswer(result)) (refusals ??= new NodeRefusals()).Add(node.Id, result.Refusal);
                if (refusals?.Agree == true) return ends.Refuse(group, node, refusals);
                unlessAnother = result.Error ?? unlessAnother;
            }

            (banned ??= new List<uint>(2)).Add(node.Id);
            if (cancellationToken.IsCancellationRequested || deadline.Remaining == TimeSpan.Zero) break;
            if (attempts >= MaxAttempts || choice.Next(group.Envelopes[0].Topic, banned) is not { } next)
                return refusals?.Best is not null ? ends.Refuse(group, node, refusals) : group.Failed(unlessAnother ?? choice.NoneLeft());
            node = next;
        }

        return group.Failed(PublishFaults.LeftOr(PublishFaults.DeadlinePassed, cancellationToken));
    }

    // False when the caller left and the attempt continues without it.
    private async ValueTask<bool> WaitAsync(
        Task<AttemptResult?> trying, AttemptLifetime life, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (trying.IsCompleted) return true;
        try
        {
            await trying.WaitAsync(deadline.Remaining, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            if (!trying.IsCompleted && life.DetachCaller()) return false;
            await trying.ConfigureAwait(false);
            return true;
        }
    }

    // Null when the node was not tried: its circuit opened or it left the set since it was chosen. Not counted as an attempt.
    private async Task<AttemptResult?> TryAsync(
        NodeGroup group,
        NetworkNode node,
        TimeSpan remaining,
        int number,
        List<uint>? banned,
        PublishDeadline deadline,
        AttemptLifetime life,
        CancellationToken cancellationToken)
    {
        using var ended = life;
        if (!connections.TryTake(node, out var connection)) return null;
        using var held = connection;
        // Not pooled: a cancelled call may still read it after it would have been rented again.
        var signatures = new byte[group.Envelopes.Count * PayerEnvelopeWriter.SignatureSize];
        if (await signing.SignAsync(group, node, signatures, deadline, life, cancellationToken).ConfigureAwait(false) is { } unsigned)
            return AttemptResult.Ended(unsigned, AttemptOutcome.Nothing);
        if (lapsed.Contain(group.Caller, group.Envelopes))
            return AttemptResult.Ended(LapsedClaims.Error(group.MayBeTaken), AttemptOutcome.Nothing);
        // Not before: a signer that hangs would hold the node's one probe, and all others would wait for it.
        if (!connection.Breaker.TryEnter(out var probe)) return null;

        var (outcome, since) = (AttemptOutcome.Nothing, connection.Progress.Last);
        AttemptResult result;
        try
        {
            var limit = Limit(group, node, remaining, number, banned, probe);
            // What has failed once, or shows whether a node is back, has a call of its own.
            var sharesAs = number == 1 && !probe ? group.Caller : null;
            result = await nodeAttempt.RunAsync(
                connection, group.Envelopes, sharesAs, signatures, limit, number, life).ConfigureAwait(false);
            outcome = result.ForBreaker;
        }
        finally
        {
            connection.Breaker.Leave(outcome, probe);
        }

        return await lookup.ResolveAsync(connection, life, result, since).ConfigureAwait(false);
    }

    private AttemptTimeout Limit(NodeGroup group, NetworkNode node, TimeSpan remaining, int number, List<uint>? banned, bool probe)
    {
        var longest = options.Value.EnvelopePublishTimeout;

        // Only with little time left does it matter whether another node could still be tried.
        if (remaining >= longest * 2 || number >= MaxAttempts)
            return AttemptTimeout.Of(remaining, longest, probe, another: false);
        var without = banned is null ? new List<uint>(1) : [.. banned];
        without.Add(node.Id);
        return AttemptTimeout.Of(remaining, longest, probe, another: choice.Next(group.Envelopes[0].Topic, without) is not null);
    }

    private EnvelopeOutcome[] ContinueUnattended(
        NodeGroup group,
        NetworkNode node,
        Task<AttemptResult?> trying,
        NodeRefusals? refusals,
        PublishDeadline deadline,
        CancellationToken cancellationToken)
    {
        var error = PublishFaults.LeftOr(PublishFaults.DeadlinePassed, cancellationToken);
        var settles = SettleAsync(group.Apart(), node, trying, refusals, error);
        unattended.Add(group.Caller, group.Size, settles);
        return group.LeftBehind(error, settles);
    }

    // No other node is tried any more.
    private async Task<EnvelopeOutcome[]> SettleAsync(
        NodeGroup apart, NetworkNode node, Task<AttemptResult?> trying, NodeRefusals? refusals, PublishError error)
    {
        try
        {
            if (await trying.ConfigureAwait(false) is not { } result) return apart.Failed(error);
            apart.Doubt(node, result);
            return result.IsFinal ? ends.End(apart, node, result, refusals, 1) : apart.Failed(result.Refusal?.Error ?? error);
        }
#pragma warning disable CA1031 // a claim waits for this, and must not wait forever
        catch (Exception exception)
#pragma warning restore CA1031
        {
            NodeLog.AttemptFailed(logger, node.Id, exception);
            apart.MayBeTaken = true;
            return apart.Failed(PublishFaults.Internal);
        }
    }

    // A node's own error that a request may provoke; failures that the circuit breaker counts are not among them.
    private static bool IsAnswer(AttemptResult result) =>
        result.Refusal is not null
            || (result is { Doubt: AttemptDoubt.AnsweredError, Outcome: AttemptOutcome.Answered } && result.Error is null);
}
