using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Xmtp.Gateway.DevNet.Nodes.Replication;

/// <summary>Restricts ReplicationApi to other nodes, if configured. All other services stay open.</summary>
internal sealed class NodeAuthentication(NodeState node) : Interceptor
{
    private const string Service = "/xmtp.xmtpv4.message_api.ReplicationApi/";

    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, context);
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        Check(context);
        return continuation(request, responseStream, context);
    }

    private void Check(ServerCallContext context)
    {
        if (!node.Options.RequireNodeAuth || !context.Method.StartsWith(Service, StringComparison.Ordinal)) return;
        if (!NodeToken.IsGood(context.RequestHeaders.GetValue(NodeToken.Header), node.Options.NodeId, node.Peers))
            throw new RpcException(new Status(StatusCode.Unauthenticated, "this service is for nodes"));
    }
}
