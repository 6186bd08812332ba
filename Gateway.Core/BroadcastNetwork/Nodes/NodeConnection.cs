using Grpc.Core;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One node at work: its channel, its breaker, and how far its signatures are trusted.</summary>
/// <remarks>
/// Counted: who uses it holds it, and when the node leaves the set or moves, the last one out closes the channel. So
/// running calls finish. A node that moved starts with a new connection, and with a clean record.
/// </remarks>
internal sealed class NodeConnection : IDisposable
{
    private readonly NodeChannel _channel;
    private int _users = 1; // the one of NodeConnections; 0 closes

    internal NodeConnection(NetworkNode node, NodeCircuitBreaker breaker, SignatureSampling sampling, Action<int> resent, FeeBound? fees)
    {
        Node = node;
        Breaker = breaker;
        Sampling = sampling;
        Fees = fees;
        Label = PublishMetrics.Originator(node.Id);
        _channel = new NodeChannel(node.Address, resent);
        Queries = new NodeQueries(node.Address);
    }

    internal NetworkNode Node { get; }

    internal NodeCircuitBreaker Breaker { get; }

    internal SignatureSampling Sampling { get; }

    /// <summary>How far the node has come, as its answers tell.</summary>
    internal NodeProgress Progress { get; } = new();

    /// <summary>Asks the node what it has.</summary>
    internal NodeQueries Queries { get; }

    /// <summary>What its answers may cost; null for no bound.</summary>
    internal FeeBound? Fees { get; }

    /// <summary>The node's label in metrics, made once.</summary>
    internal KeyValuePair<string, object?> Label { get; }

    /// <summary>Takes hold; each yes owes a <see cref="Dispose"/>. False when it is closed.</summary>
    internal bool TryUse()
    {
        for (var seen = Volatile.Read(ref _users); seen > 0; seen = Volatile.Read(ref _users))
            if (Interlocked.CompareExchange(ref _users, seen + 1, seen) == seen)
                return true;
        return false;
    }

    /// <summary>Sends envelopes.</summary>
    /// <returns>The serialized PublishPayerEnvelopesResponse.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    internal ValueTask<byte[]> PublishAsync(NodePublish publish, CancellationToken cancellationToken) =>
        _channel.PublishAsync(publish, cancellationToken);

    /// <summary>Lets go; the last one closes the channel.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        _channel.Dispose();
        Queries.Dispose();
    }
}
