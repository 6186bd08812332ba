using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork.Coalescing;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Holds a connection for each current node, created at first use. Releases one at once when its node left the set or
/// moved.
/// </summary>
internal sealed class NodeConnections : IDisposable
{
    private readonly Lock _gate = new();
    private readonly INodeRegistry _registry;
    private readonly TimeProvider _time;
    private readonly PublishMetrics _metrics;
    private readonly NodeCallMetrics _calls;
    private readonly ILogger<NodeConnections> _logger;
    private readonly LapsedClaims _claims;
    private readonly int _maxCoalesced;
    private readonly bool _checkAlways;
    private readonly FeeBound? _fees;
    private volatile Dictionary<uint, NodeConnection> _connections = [];

    public NodeConnections(
        INodeRegistry registry,
        IOptions<BroadcastNetworkOptions> options,
        TimeProvider time,
        PublishMetrics metrics,
        NodeCallMetrics calls,
        LapsedClaims claims,
        ILogger<NodeConnections> logger,
        FeeBound? fees = null)
    {
        _registry = registry;
        _time = time;
        _metrics = metrics;
        _calls = calls;
        _claims = claims;
        _logger = logger;
        _fees = fees;
        _maxCoalesced = options.Value.MaxCoalescedEnvelopes;
        _checkAlways = options.Value.VerifyNodeSignatures == "always";
        registry.Changed += RemoveDepartedNodes;
    }

    /// <summary>Takes a connection for one attempt; the caller disposes it afterwards.</summary>
    /// <returns>False when the node left the set, or moved, since it was chosen.</returns>
    internal bool TryTake(NetworkNode node, [NotNullWhen(true)] out NodeConnection? connection)
    {
        if (_connections.TryGetValue(node.Id, out connection) && connection.Node == node && connection.TryUse()) return true;
        lock (_gate)
        {
            // Checked under the lock that Keep takes too, so that a node that left is not added again.
            if (!_registry.Current.TryGet(node.Id, out var current) || current != node) return false;
            if (!_connections.TryGetValue(node.Id, out connection) || connection.Node != node)
            {
                connection?.Dispose();
                connection = Open(node);
                _connections = new Dictionary<uint, NodeConnection>(_connections) { [node.Id] = connection };
            }

            return connection.TryUse();
        }
    }

    /// <summary>Whether requests should go to another node.</summary>
    internal bool IsCircuitOpen(uint node) => _connections.TryGetValue(node, out var connection) && connection.Breaker.IsOpen;

    /// <summary>Whether a node has not answered since its circuit opened, also while a probe of it may be sent.</summary>
    internal bool IsCircuitTripped(uint node) => _connections.TryGetValue(node, out var connection) && connection.Breaker.IsTripped;

    /// <summary>Whether there is a connection to a node: none is made before the first publish to it.</summary>
    internal bool IsUsed(uint node) => _connections.ContainsKey(node);

    /// <summary>The time until a current node may be tried.</summary>
    internal TimeSpan UntilNextProbe()
    {
        var least = TimeSpan.MaxValue;
        foreach (var node in _registry.Current.Nodes)
        {
            var wait = _connections.TryGetValue(node.Id, out var connection) ? connection.Breaker.ProbeIn : TimeSpan.Zero;
            if (wait < least) least = wait;
        }

        return least == TimeSpan.MaxValue ? TimeSpan.Zero : least;
    }

    public void Dispose()
    {
        _registry.Changed -= RemoveDepartedNodes;
        Keep(NodeSet.Empty);
    }

    private NodeConnection Open(NetworkNode node)
    {
        NodeLog.Connecting(_logger, node.Id, Chain.JsonRpc.RedactedUrl.Of(node.Address));
        var label = PublishMetrics.Originator(node.Id);
        var breaker = new NodeCircuitBreaker(_time, window =>
        {
            NodeLog.Excluded(_logger, node.Id, window.TotalSeconds);
            _metrics.NodeExcluded(label);
        });
        return new NodeConnection(
            node,
            breaker,
            new SignatureSampling(_checkAlways),
            _metrics,
            _calls,
            _fees,
            _maxCoalesced > 1 ? channel => new PublishCoalescer(node.Id, channel, _maxCoalesced, _claims, _time) : null);
    }

    // Handlers of one change may run after those of the next: only the current set counts.
    private void RemoveDepartedNodes(NodeSet changed) => Keep(_registry.Current);

    private void Keep(NodeSet nodes)
    {
        lock (_gate)
        {
            var kept = new Dictionary<uint, NodeConnection>();
            foreach (var (id, connection) in _connections)
            {
                if (nodes.TryGet(id, out var node) && node == connection.Node)
                {
                    kept[id] = connection;
                    continue;
                }

                NodeLog.Left(_logger, id);
                connection.Dispose();
            }

            _connections = kept;
        }
    }
}
