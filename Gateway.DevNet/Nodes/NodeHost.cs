using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Publishing;
using Xmtp.Gateway.DevNet.Nodes.Reading;
using Xmtp.Gateway.DevNet.Nodes.Replication;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// Hosts a node's services on their own Kestrel: gRPC, and gRPC-Web over HTTP/1.1, on one port, with CORS for browsers.
/// </summary>
internal static class NodeHost
{
    private const int MaxMessageSize = 25 * 1024 * 1024;

    /// <summary>Builds the host without starting it.</summary>
    public static WebApplication Build(NodeState node, GatewayPort port, NodeConnections connections, ChainView chain, SeenOriginators seen)
    {
        // Empty: environment variables and settings files of this process are meant for the gateway.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, port, connections));
        builder.Services.AddSingleton(node.Options.Logs).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IConnectionListenerFactory, PortListenerFactory>().AddSingleton<IStartupFilter, ReusedStreams>();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddRouting().AddCors();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MaxMessageSize;
            grpc.MaxSendMessageSize = MaxMessageSize;
            grpc.Interceptors.Add<NodeErrorTexts>();
            grpc.Interceptors.Add<NodeAuthentication>();
        });
        builder.Services.AddSingleton<NodeErrorTexts>().AddSingleton<NodeAuthentication>();
        builder.Services.AddSingleton(node)
            .AddSingleton(node.Options)
            .AddSingleton(node.Store)
            .AddSingleton(node.Faults)
            .AddSingleton(chain)
            .AddSingleton(seen);
        builder.Services.AddSingleton<PublishService>().AddSingleton<IServiceMethodProvider<PublishService>, PublishMethods>();
        builder.Services.AddSingleton<QueryService>().AddSingleton<IServiceMethodProvider<QueryService>, QueryMethods>();
        builder.Services.AddSingleton<SubscribeService>().AddSingleton<IServiceMethodProvider<SubscribeService>, SubscribeMethods>();
        builder.Services.AddSingleton<MetadataService>().AddSingleton<IServiceMethodProvider<MetadataService>, MetadataMethods>();
        builder.Services.AddSingleton(Healthy());
        return Map(builder.Build(), node);
    }

    private static void Listen(KestrelServerOptions kestrel, GatewayPort port, NodeConnections connections)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestBodySize = null;
        foreach (var protocol in new[] { HttpProtocols.Http2, HttpProtocols.Http1 })
        {
            kestrel.Listen(new GatewayEndPoint(port, protocol), listen =>
            {
                listen.Protocols = protocol;
                listen.Use(next => connection => connections.RunAsync(connection, next));
            });
        }
    }

    private static WebApplication Map(WebApplication app, NodeState node)
    {
        app.UseRouting();
        app.UseCors(
            cors => cors.AllowAnyOrigin()
                .AllowAnyHeader()
                .AllowAnyMethod()
                .WithExposedHeaders("grpc-status", "grpc-message", "grpc-status-details-bin"));
        app.UseMiddleware<PublishFaultMiddleware>();
        app.Use((call, next) =>
        {
            if (PublishFaultMiddleware.Publishes(call)) CallLimit.Begin(call, node.Options.Time, app.Lifetime.ApplicationStopping);
            return next(call);
        });
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        app.MapGrpcService<PublishService>();
        app.MapGrpcService<QueryService>();
        app.MapGrpcService<SubscribeService>();
        app.MapGrpcService<MetadataService>();
        app.MapGrpcService<HealthServiceImpl>();
        return app;
    }

    private static HealthServiceImpl Healthy()
    {
        var health = new HealthServiceImpl();
        foreach (var service in (string[])[
            "",
            "xmtp.xmtpv4.message_api.PublishApi",
            ReadMethods.Notification,
            MetadataMethods.Service,
            .. ReadMethods.Services,
        ])
        {
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        }
        return health;
    }
}
