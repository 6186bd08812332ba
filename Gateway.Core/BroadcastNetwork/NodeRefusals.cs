using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// The refusals and errors that several nodes answered to one publish. What two say is final; trouble of a node's own
/// is nobody's word.
/// </summary>
internal sealed class NodeRefusals
{
    private readonly List<(uint Node, NodeRefusal Refusal)> _all = new(2);
    private readonly List<uint> _failed = [];

    /// <summary>What the caller is told when it is refused: the refusal that says the most of the request.</summary>
    internal NodeRefusal? Best { get; private set; }

    /// <summary>Whether two nodes said the same.</summary>
    internal bool Agree { get; private set; }

    /// <summary>Takes a node's answer.</summary>
    /// <param name="node">The node.</param>
    /// <param name="answer">Its refusal; null for an error that is none.</param>
    internal void Add(uint node, NodeRefusal? answer)
    {
        if (answer is not { } refusal)
        {
            _failed.Add(node);
            return;
        }

        Agree |= refusal.Kind != NodeRefusalKind.OwnTrouble
            && _all.Exists(
                one => one.Refusal.Kind != NodeRefusalKind.OwnTrouble && one.Refusal.Status.StatusCode == refusal.Status.StatusCode);
        _all.Add((node, refusal));
        if (Best is null || Rank(refusal) > Rank(Best)) Best = refusal;
    }

    /// <summary>
    /// The nodes whose answer is a fault of theirs if another node accepts the request. The balance and dependencies
    /// are not.
    /// </summary>
    internal IEnumerable<uint> AtFaultIfAccepted() =>
        _all.Where(one => one.Refusal.Kind is NodeRefusalKind.Request or NodeRefusalKind.OwnTrouble)
            .Select(one => one.Node)
            .Concat(_failed);

    private static int Rank(NodeRefusal refusal) =>
        (refusal.Kind == NodeRefusalKind.OwnTrouble ? 0 : 64)
        + (refusal.Status.StatusCode == StatusCode.InvalidArgument ? 32 : 0)
        + (refusal.HasText ? 16 : 0)
        + (int)refusal.Kind;
}
