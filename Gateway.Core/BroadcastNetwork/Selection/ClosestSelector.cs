using Microsoft.Extensions.Options;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.BroadcastNetwork.Selection;

/// <summary>The node with the fastest TCP connect, among the preferred nodes if any of them is known.</summary>
/// <remarks>
/// Does not wait for a measurement: <see cref="ConnectTimes"/> measures in the background. Nodes not measured yet come
/// last, by id.
/// </remarks>
public sealed class ClosestSelector(IOptions<BroadcastNetworkOptions> options, ConnectTimes times) : INodeSelector
{
    /// <inheritdoc/>
    public string Name => "closest";

    /// <inheritdoc/>
    public NetworkNode? Select(NodeSet nodes, Topic topic, Func<uint, bool> isBanned)
    {
        var preferred = options.Value.PreferredNodes;
        var onlyPreferred = preferred.Any(id => nodes.TryGet(id, out _));
        NetworkNode? closest = null;
        var least = TimeSpan.MaxValue;
        foreach (var node in nodes.Nodes)
        {
            if (isBanned(node.Id) || (onlyPreferred && !preferred.Contains(node.Id))) continue;
            var time = times.Get(node.Id) ?? TimeSpan.MaxValue;
            if (closest is null || time < least) (closest, least) = (node, time);
        }

        return closest;
    }
}
