using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// The refusals and errors that several nodes returned for one publish. A refusal by two nodes is final; a node's own
/// fault does not count as one.
/// </summary>
internal sealed class NodeRefusals
{
    private readonly List<(uint Node, NodeRefusal Refusal)> _all = new(2);
    private readonly List<uint> _failed = [];

    /// <summary>The refusal to return to the caller: the one that says most about the request.</summary>
    internal NodeRefusal? Best { get; private set; }

    /// <summary>Whether two nodes refused with the same status.</summary>
    internal bool Agree { get; private set; }

    /// <summary>Adds a node's response.</summary>
    /// <param name="node">The node.</param>
    /// <param name="answer">Its refusal; null for an error that is not one.</param>
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
    /// The nodes that are at fault if another node accepts the request. Refusals for the balance or a dependency do not count.
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
