using System.Net;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Grpc.Net.Client;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>
/// The floor: a gRPC proxy of Grpc.AspNetCore and Grpc.Net.Client that hands each request's bytes to the node and the
/// node's bytes back. It neither reads, checks nor signs.
/// </summary>
internal sealed class ProxyServer : IBenchCommand
{
    public string Name => "proxy";

    public string? Summary => null;

    public Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var builder = LoopbackServer.CreateBuilder();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = LoopbackServer.MaxMessageSize);
        builder.Services.AddSingleton(new NodeLink(args[0]));
        builder.Services.AddSingleton<IServiceMethodProvider<NodeLink>, ProxyMethods>();
        var app = builder.Build();
        app.MapGrpcService<NodeLink>();
        return LoopbackServer.ServeAsync(app, cancellationToken);
    }

    /// <summary>One long-lived channel to the node.</summary>
    private sealed class NodeLink(string node)
    {
        private readonly CallInvoker _invoker = GrpcChannel.ForAddress(node, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = LoopbackServer.MaxMessageSize,
            HttpHandler = new SocketsHttpHandler
            {
                EnableMultipleHttp2Connections = true,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                AutomaticDecompression = DecompressionMethods.None,
                UseProxy = false,
                UseCookies = false,
                ActivityHeadersPropagator = null,
            },
        }).CreateCallInvoker();

        public async Task<byte[]> ForwardAsync(byte[] request, ServerCallContext context)
        {
            using var call = _invoker.AsyncUnaryCall(
                PublishMethods.ToNode, null, new CallOptions(cancellationToken: context.CancellationToken), request);
            return await call.ResponseAsync;
        }
    }

    private sealed class ProxyMethods : IServiceMethodProvider<NodeLink>
    {
        public void OnServiceMethodDiscovery(ServiceMethodProviderContext<NodeLink> context) =>
            context.AddUnaryMethod(PublishMethods.ToNode, [], static (link, request, call) => link.ForwardAsync(request, call));
    }
}
