using Grpc.Core;
using Xmtp.Gateway.BroadcastNetwork.Coalescing;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The state of one node in use: its channel, its circuit breaker, and the sampling of its signatures.</summary>
/// <remarks>
/// Reference-counted: each user holds a reference, and when the node leaves the set or moves, the last user closes the
/// channel, so that running calls finish. A node that moved gets a new connection, with no faults recorded.
/// </remarks>
internal sealed class NodeConnection : IDisposable
{
    private readonly NodeChannel _channel;
    private int _users = 1; // one for NodeConnections; 0 closes

    internal NodeConnection(
        NetworkNode node,
        NodeCircuitBreaker breaker,
        SignatureSampling sampling,
        PublishMetrics metrics,
        NodeCallMetrics calls,
        FeeBound? fees,
        Func<NodeChannel, PublishCoalescer>? coalescer)
    {
        Node = node;
        Breaker = breaker;
        Sampling = sampling;
        Fees = fees;
        Label = PublishMetrics.Originator(node.Id);
        _channel = new NodeChannel(node.Address, envelopes => metrics.Sent(Label, envelopes), times => metrics.Resent(Label, times), calls);
        Coalescer = coalescer?.Invoke(_channel);
        Queries = new NodeQueries(node.Address, calls);
    }

    internal NetworkNode Node { get; }

    internal NodeCircuitBreaker Breaker { get; }

    internal SignatureSampling Sampling { get; }

    /// <summary>The node's progress, as its answers show.</summary>
    internal NodeProgress Progress { get; } = new();

    /// <summary>Lets publishes share calls; null when each has a call of its own.</summary>
    internal PublishCoalescer? Coalescer { get; }

    /// <summary>Queries the node for its envelopes.</summary>
    internal NodeQueries Queries { get; }

    /// <summary>The max fees of its answers; null for no bound.</summary>
    internal FeeBound? Fees { get; }

    /// <summary>The node's label in metrics, created once.</summary>
    internal KeyValuePair<string, object?> Label { get; }

    /// <summary>
    /// Takes a reference; after true, the caller must call <see cref="Dispose"/>. False when the connection is closed.
    /// </summary>
    internal bool TryUse()
    {
        for (var seen = Volatile.Read(ref _users); seen > 0; seen = Volatile.Read(ref _users))
            if (Interlocked.CompareExchange(ref _users, seen + 1, seen) == seen)
                return true;
        return false;
    }

    /// <summary>Sends envelopes.</summary>
    /// <param name="publish">What to send.</param>
    /// <param name="sharesAs">The caller as which it may share a call with others; null for a call of its own.</param>
    /// <param name="cancellationToken">Ends the publish.</param>
    /// <returns>The serialized PublishPayerEnvelopesResponse for these envelopes.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached.</exception>
    /// <exception cref="ClaimLapsedException">It was not sent, because its claim may have ended while it waited.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal ValueTask<ReadOnlyMemory<byte>> PublishAsync(
        NodePublish publish, ClientIdentity? sharesAs, CancellationToken cancellationToken) =>
        Coalescer is null
            ? _channel.PublishAsync(publish, cancellationToken)
            : Coalescer.PublishAsync(publish, sharesAs, cancellationToken);

    /// <summary>Releases a reference; the last one closes the channel.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) != 0) return;
        Coalescer?.Dispose();
        _channel.Dispose();
        Queries.Dispose();
    }
}
