using Grpc.Core;
using Grpc.Net.Client;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The one long-lived channel to a node.</summary>
/// <remarks>When the node leaves the set or moves it is retired: running calls finish on it, then it closes.</remarks>
internal sealed class NodeConnection : IDisposable
{
    /// <summary>The limit of a message in either direction, in bytes: the network's 25 MiB.</summary>
    internal const int MaxMessageSize = 25 * 1024 * 1024;

    private readonly GrpcChannel channel;
    private readonly CallInvoker invoker;
    private volatile Method<NodePublish, byte[]> method = NodePublish.Replication;
    private int users = 1; // the registry's own use; 0 closes

    internal NodeConnection(NetworkNode node, TimeSpan connectTimeout, bool checkAlways)
    {
        Node = node;
        Sampling = new SignatureSampling(checkAlways);
        channel = GrpcChannel.ForAddress(node.Address, new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                ConnectTimeout = connectTimeout,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                KeepAlivePingDelay = TimeSpan.FromSeconds(30),
                KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
                UseProxy = false,
                ActivityHeadersPropagator = null, // a trace of ours ends at the node of another operator
            },
            DisposeHttpClient = true,
            MaxSendMessageSize = MaxMessageSize,
            MaxReceiveMessageSize = MaxMessageSize,
            MaxRetryAttempts = 0,
            ThrowOperationCanceledOnCancellation = true,
        });
        invoker = channel.CreateCallInvoker();
    }

    internal NetworkNode Node { get; }

    internal SignatureSampling Sampling { get; }

    internal bool TryUse()
    {
        for (var seen = Volatile.Read(ref users); seen > 0; seen = Volatile.Read(ref users))
            if (Interlocked.CompareExchange(ref users, seen + 1, seen) == seen)
                return true;
        return false;
    }

    internal async ValueTask<byte[]> PublishAsync(NodePublish publish, CancellationToken cancellationToken)
    {
        var used = method;
        try
        {
            return await invoker.AsyncUnaryCall(used, null, new CallOptions(cancellationToken: cancellationToken), publish);
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.Unimplemented)
        {
            var other = used == NodePublish.Replication ? NodePublish.Publish : NodePublish.Replication;
            var answer = await invoker.AsyncUnaryCall(other, null, new CallOptions(cancellationToken: cancellationToken), publish);
            method = other;
            return answer;
        }
    }

    /// <summary>Ends one use; the last one closes the channel.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref users) == 0) channel.Dispose();
    }
}
