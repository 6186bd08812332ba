using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>A connection for each node of the present set, made at first use.</summary>
internal sealed class NodeConnections : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly INodeRegistry registry;
    private readonly bool checkAlways;
    private volatile Dictionary<uint, NodeConnection> connections = [];

    public NodeConnections(INodeRegistry registry, IOptions<PayerOptions> options)
    {
        this.registry = registry;
        checkAlways = options.Value.VerifyNodeSignatures == "always";
        registry.Changed += RetireWhatLeft;
    }

    /// <summary>Takes a connection for one call; the caller disposes of it after.</summary>
    /// <returns>False when the node left the set meanwhile.</returns>
    internal bool TryTake(NetworkNode node, [NotNullWhen(true)] out NodeConnection? connection)
    {
        if (connections.TryGetValue(node.Id, out connection) && connection.Node == node && connection.TryUse()) return true;
        lock (gate)
        {
            if (!registry.Current.TryGet(node.Id, out var current) || current != node)
            {
                connection = null;
                return false;
            }

            if (!connections.TryGetValue(node.Id, out connection) || connection.Node != node)
            {
                connection?.Dispose();
                connection = new NodeConnection(node, ConnectTimeout, checkAlways);
                connections = new Dictionary<uint, NodeConnection>(connections) { [node.Id] = connection };
            }

            return connection.TryUse();
        }
    }

    private void RetireWhatLeft(NodeSet nodes)
    {
        lock (gate)
        {
            var kept = new Dictionary<uint, NodeConnection>();
            foreach (var (id, connection) in connections)
            {
                if (nodes.TryGet(id, out var node) && node == connection.Node) kept[id] = connection;
                else connection.Dispose();
            }

            connections = kept;
        }
    }

    public void Dispose()
    {
        registry.Changed -= RetireWhatLeft;
        RetireWhatLeft(NodeSet.Empty);
    }
}
