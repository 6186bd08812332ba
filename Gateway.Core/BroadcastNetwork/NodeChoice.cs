using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Applies the configured selector to the current nodes, without those whose circuit is open, and without banned ones
/// unless no other is left.
/// </summary>
internal sealed class NodeChoice : ILikelyNode
{
    private readonly INodeRegistry _registry;
    private readonly NodeConnections _connections;
    private readonly RefusalBans _bans;
    private readonly Derived<BroadcastNetworkOptions, INodeSelector> _selector;
    private readonly Func<uint, bool> _isCircuitOpen;
    private readonly Func<uint, bool> _isExcluded;

    public NodeChoice(
        INodeRegistry registry,
        NodeConnections connections,
        RefusalBans bans,
        IEnumerable<INodeSelector> selectors,
        IOptions<BroadcastNetworkOptions> options)
    {
        _registry = registry;
        _connections = connections;
        _bans = bans;
        var (name, all) = (options.Value.NodeSelectorStrategy, selectors.ToList());
        var first = all.Find(candidate => candidate.Name == name)
            ?? throw new InvalidOperationException(
                $"there is no node selector '{name}'; expected one of {string.Join(", ", all.Select(candidate => candidate.Name))}");
        // The options of a payer may be replaced while it serves; their strategy was checked.
        _selector = new(() => options.Value, now => all.Find(candidate => candidate.Name == now.NodeSelectorStrategy) ?? first);
        _isCircuitOpen = connections.IsCircuitOpen;
        _isExcluded = id => connections.IsCircuitOpen(id) || bans.IsBanned(id);
    }

    private INodeSelector Selector => _selector.Value;

    /// <summary>The node for a topic; null when none may be used now.</summary>
    internal NetworkNode? First(Topic topic) =>
        _bans.Any
            ? Selector.Select(_registry.Current, topic, _isExcluded) ?? Selector.Select(_registry.Current, topic, _isCircuitOpen)
            : Selector.Select(_registry.Current, topic, _isCircuitOpen);

    /// <inheritdoc/>
    public uint? IdFor(Topic topic) => First(topic)?.Id;

    /// <summary>The node for a topic, other than those already tried.</summary>
    internal NetworkNode? Next(Topic topic, List<uint> tried) =>
        Selector.Select(_registry.Current, topic, id => tried.Contains(id) || _isExcluded(id))
        ?? (_bans.Any ? Selector.Select(_registry.Current, topic, id => tried.Contains(id) || _isCircuitOpen(id)) : null);

    /// <summary>The error that the caller gets when no node may be used, with the time until one may be probed.</summary>
    /// <remarks>
    /// When the circuits of all nodes are open, callers do not wait for another timeout: each gets at once the time
    /// after which to retry, and the first retry after that is the probe.
    /// </remarks>
    internal PublishError NoneLeft() =>
        new(PublishErrorKind.Unavailable, "no node of the Broadcast Network can be reached")
        {
            RetryAfter = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(_connections.UntilNextProbe().TotalSeconds))),
        };
}
