using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Finds the node that an envelope would be sent to now, since the congestion fee depends on that node's traffic.
/// </summary>
internal interface ILikelyNode
{
    /// <summary>The node's id; null when none may be used now.</summary>
    uint? IdFor(Topic topic);
}
