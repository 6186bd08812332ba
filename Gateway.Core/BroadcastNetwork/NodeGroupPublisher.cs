using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Takes one group to a node; on the node's failure to the next node, under one deadline over all tries.</summary>
/// <remarks>
/// A try that timed out or lost its connection may have been taken by that node all the same; the next node then takes
/// it a second time. The original does the same, and readers of a topic drop what they saw.
/// </remarks>
internal sealed class NodeGroupPublisher(
    NodeConnections connections, NodeChoice choice, NodeTry nodeTry, ISigner signer,
    IOptions<PayerOptions> options, PublishMetrics metrics, TimeProvider time, ILogger<NodeGroupPublisher> log)
{
    /// <summary>Publishes a group. Throws nothing.</summary>
    /// <returns>The outcomes of the request, with the group's filled in.</returns>
    internal async ValueTask<EnvelopeOutcome[]> PublishAsync(NodeGroup group, PublishDeadline deadline, CancellationToken leaves)
    {
        List<uint>? banned = null;
        PublishError? unlessAnother = null;
        var (node, tries) = (group.First, 0);
        while (deadline.Remaining is var remaining && remaining > TimeSpan.Zero)
        {
            if (leaves.IsCancellationRequested) return group.Failed(PublishFaults.CallerLeft);
            if (await TryAsync(group, node, remaining, tries + 1, banned, deadline, leaves) is { } result)
            {
                tries++;
                group.MayBeTaken |= result.MayBeTaken;
                if (result.IsFinal) return End(group, result, tries);
                unlessAnother = result.Error;
            }

            (banned ??= new List<uint>(2)).Add(node.Id);
            if (tries == options.Value.EnvelopePublishRetries || choice.Next(group.Envelopes[0].Topic, banned) is not { } next)
                return group.Failed(deadline.Remaining == TimeSpan.Zero ? PublishFaults.DeadlinePassed : unlessAnother ?? choice.NoneLeft());
            node = next;
        }

        return group.Failed(PublishFaults.DeadlinePassed);
    }

    // Null when the node was not tried: the breaker holds it back, or it left, since it was chosen. That is no try.
    private async ValueTask<TryResult?> TryAsync(
        NodeGroup group, NetworkNode node, TimeSpan remaining, int number, List<uint>? banned, PublishDeadline deadline, CancellationToken leaves)
    {
        if (!connections.TryTake(node, out var connection)) return null;
        using var held = connection;
        if (!connection.Breaker.TryEnter(out var probe)) return null;

        var verdict = TryVerdict.Nothing;
        try
        {
            var signatures = new byte[group.Envelopes.Count * PayerEnvelopeWriter.SignatureSize];
            if (await SignAsync(group, node, signatures, deadline, leaves) is { } unsigned) return TryResult.Ended(unsigned, verdict);

            var limit = Limit(group, node, remaining, number, banned, probe);
            var result = await nodeTry.RunAsync(connection, group.Envelopes, signatures, limit, number, leaves);
            verdict = result.Verdict;
            return result;
        }
        finally
        {
            connection.Breaker.Leave(verdict, probe);
        }
    }

    private TryTime Limit(NodeGroup group, NetworkNode node, TimeSpan remaining, int number, List<uint>? banned, bool probe)
    {
        var longest = options.Value.EnvelopePublishTimeout;

        // Only a caller in a hurry makes it matter whether another node could still be tried.
        if (remaining >= longest * 2 || number == options.Value.EnvelopePublishRetries) return TryTime.Of(remaining, longest, probe, another: false);
        var without = banned is null ? new List<uint>(1) : [.. banned];
        without.Add(node.Id);
        return TryTime.Of(remaining, longest, probe, another: choice.Next(group.Envelopes[0].Topic, without) is not null);
    }

    // The buffer is not from a pool: a call that was cut short may still be reading it when the next one rents.
    private async ValueTask<PublishError?> SignAsync(NodeGroup group, NetworkNode node, byte[] signatures, PublishDeadline deadline, CancellationToken leaves)
    {
        using var span = PublishTracing.Sign(group.Envelopes.Count);
        try
        {
            var signing = PayerSigning.SignAsync(signer, node.Id, group.Envelopes, signatures, leaves);
            if (!signing.IsCompletedSuccessfully) await signing.AsTask().WaitAsync(deadline.Remaining, time, leaves);
            return null;
        }
        catch (OperationCanceledException) when (leaves.IsCancellationRequested)
        {
            return PublishFaults.CallerLeft;
        }
        catch (TimeoutException) when (deadline.Remaining == TimeSpan.Zero)
        {
            return PublishFaults.DeadlinePassed;
        }
#pragma warning disable CA1031 // a remote key service can throw anything, and none of it is for the caller
        catch (Exception fault)
#pragma warning restore CA1031
        {
            NodeLog.NotSigned(log, fault);
            return PublishFaults.NotSigned;
        }
    }

    private EnvelopeOutcome[] End(NodeGroup group, TryResult result, int tries)
    {
        if (result.Answers is not { } answers) return group.Failed(result.Error!);
        if (tries > 1) metrics.PublishedAfterBans(group.First.Id, tries - 1);
        return group.Published(answers);
    }
}
