using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>A connection for each node of the present set, made at first use. One that left the set, or moved, is let go at once.</summary>
internal sealed class NodeConnections : IDisposable
{
    private readonly Lock gate = new();
    private readonly INodeRegistry registry;
    private readonly TimeProvider time;
    private readonly PublishMetrics metrics;
    private readonly ILogger<NodeConnections> log;
    private readonly bool checkAlways;
    private readonly FeeBound? fees;
    private volatile Dictionary<uint, NodeConnection> connections = [];

    public NodeConnections(INodeRegistry registry, IOptions<BroadcastNetworkOptions> options, TimeProvider time, PublishMetrics metrics, ILogger<NodeConnections> logger, FeeBound? fees = null)
    {
        (this.registry, this.time, this.metrics, this.log, this.fees) = (registry, time, metrics, logger, fees);
        checkAlways = options.Value.VerifyNodeSignatures == "always";
        registry.Changed += RemoveDepartedNodes;
    }

    /// <summary>Takes a connection for one try; the caller disposes of it after.</summary>
    /// <returns>False when the node left the set, or moved, since it was chosen.</returns>
    internal bool TryTake(NetworkNode node, [NotNullWhen(true)] out NodeConnection? connection)
    {
        if (connections.TryGetValue(node.Id, out connection) && connection.Node == node && connection.TryUse()) return true;
        lock (gate)
        {
            // Asked under the lock that RetireWhatLeft takes as well: a node that left does not come back by this way.
            if (!registry.Current.TryGet(node.Id, out var current) || current != node) return false;
            if (!connections.TryGetValue(node.Id, out connection) || connection.Node != node)
            {
                connection?.Dispose();
                connection = Open(node);
                connections = new Dictionary<uint, NodeConnection>(connections) { [node.Id] = connection };
            }

            return connection.TryUse();
        }
    }

    /// <summary>Whether requests should go to another node.</summary>
    internal bool IsCircuitOpen(uint node) => connections.TryGetValue(node, out var connection) && connection.Breaker.IsOpen;

    /// <summary>How long until a node of the present set may be tried.</summary>
    internal TimeSpan UntilNextProbe()
    {
        var least = TimeSpan.MaxValue;
        foreach (var node in registry.Current.Nodes)
        {
            var wait = connections.TryGetValue(node.Id, out var connection) ? connection.Breaker.ProbeIn : TimeSpan.Zero;
            if (wait < least) least = wait;
        }

        return least == TimeSpan.MaxValue ? TimeSpan.Zero : least;
    }

    public void Dispose()
    {
        registry.Changed -= RemoveDepartedNodes;
        Keep(NodeSet.Empty);
    }

    private NodeConnection Open(NetworkNode node)
    {
        NodeLog.Connecting(log, node.Id, Chain.JsonRpc.RedactedUrl.Of(node.Address));
        var label = PublishMetrics.Originator(node.Id);
        var breaker = new NodeCircuitBreaker(time, window =>
        {
            NodeLog.HeldBack(log, node.Id, window.TotalSeconds);
            metrics.HeldBack(label);
        });
        return new NodeConnection(node, breaker, new SignatureSampling(checkAlways), times => metrics.Resent(label, times), fees);
    }

    // Handlers of one change may run after those of the next: what counts is the present set.
    private void RemoveDepartedNodes(NodeSet changed) => Keep(registry.Current);

    private void Keep(NodeSet nodes)
    {
        lock (gate)
        {
            var kept = new Dictionary<uint, NodeConnection>();
            foreach (var (id, connection) in connections)
            {
                if (nodes.TryGet(id, out var node) && node == connection.Node)
                {
                    kept[id] = connection;
                    continue;
                }

                NodeLog.Left(log, id);
                connection.Dispose();
            }

            connections = kept;
        }
    }
}
