using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Hides error details from callers, as nodes do: the log has the reason, the caller gets only the code.</summary>
/// <remarks>
/// <code>
/// INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED   their own text
/// INTERNAL                                     internal server error
/// CANCELLED                                    request was canceled
/// DEADLINE_EXCEEDED                            request timed out
/// any other code                               request has failed
/// no code                                      UNKNOWN: unknown error
/// </code>
/// </remarks>
internal sealed class NodeErrorTexts(NodeState node) : Interceptor
{
    /// <summary>The text for the caller.</summary>
    public static string Of(StatusCode code, string reason) => code switch
    {
        StatusCode.InvalidArgument or StatusCode.NotFound or StatusCode.Unimplemented => reason,
        StatusCode.Internal => "internal server error",
        StatusCode.DeadlineExceeded => "request timed out",
        StatusCode.Cancelled => "request was canceled",
        _ => "request has failed",
    };

    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            ThrowIfUnreadable(context);
            return await continuation(request, context);
        }
        catch (Exception exception)
        {
            throw Hide(exception, context.Method);
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, responseStream, context);
        }
        catch (Exception exception)
        {
            throw Hide(exception, context.Method);
        }
    }

    /// <inheritdoc/>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requestStream, responseStream, context);
        }
        catch (Exception exception)
        {
            throw Hide(exception, context.Method);
        }
    }

    // A publish reports this with its own text; health checks do not depend on the database.
    private void ThrowIfUnreadable(ServerCallContext context)
    {
        if (node.Faults.Current.StorageUnavailable
            && !PublishFaultMiddleware.Publishes(context.GetHttpContext())
            && context.Method.StartsWith("/xmtp.", StringComparison.Ordinal))
        {
            throw new RpcException(new Status(StatusCode.Internal, "the database cannot be reached"));
        }
    }

    private RpcException Hide(Exception exception, string method)
    {
        var (code, reason) = exception switch
        {
            RpcException refusal => (refusal.StatusCode, refusal.Status.Detail),
            OperationCanceledException => (StatusCode.Cancelled, ""),
            _ => (StatusCode.Unknown, exception.Message),
        };
        NodeLog.Failed(node.Logger, node.Options.NodeId, method, code, reason);
        return new RpcException(
            new Status(code, exception is RpcException or OperationCanceledException ? Of(code, reason) : "unknown error"));
    }
}
