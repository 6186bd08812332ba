using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Costs;

/// <summary>Says which node an envelope would go to now: its fee goes by that node's traffic.</summary>
internal interface ILikelyNode
{
    /// <summary>The node's id; null when none may be used now.</summary>
    uint? IdFor(Topic topic);
}
