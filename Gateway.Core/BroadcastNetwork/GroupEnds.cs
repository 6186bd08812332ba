using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The outcomes of a group after its last attempt, with what its refusals say of nodes and of the payer's balance.</summary>
internal sealed class GroupEnds(RefusalBans bans, EmptyBalanceReport emptyBalance, PublishMetrics metrics)
{
    /// <summary>An attempt after which no other is made.</summary>
    internal EnvelopeOutcome[] End(NodeGroup group, NetworkNode node, AttemptResult result, NodeRefusals? refusals, int attempts)
    {
        if (result.Answers is not { } answers) return group.Failed(result.Error!);
        if (attempts > 1) metrics.PublishedAfterBans(group.First.Id, attempts - 1);
        if (group.Doubtful is { } before && before != node.Id) metrics.MayBePaidTwice(before, answers.Count);
        bans.Accepted(node.Id);
        foreach (var alone in refusals?.AtFaultIfAccepted() ?? []) bans.RefusedAlone(alone, group.Caller);
        return group.Published(answers, result.Error);
    }

    /// <summary>The nodes refuse the group: the outcome of the best refusal.</summary>
    internal EnvelopeOutcome[] Refuse(NodeGroup group, NetworkNode last, NodeRefusals refusals)
    {
        var refusal = refusals.Best!;
        metrics.RefusedByNode(PublishMetrics.Originator(last.Id), refusal.Error);
        if (refusal.Kind != NodeRefusalKind.Balance) return group.Failed(refusal.Error);
        if (group.Caller?.Wallet is not null) return group.Failed(NodeRefusal.EmptyWallet);
        emptyBalance.Report(last.Id, refusal.Status.Detail);
        return group.Failed(refusal.Error);
    }
}
