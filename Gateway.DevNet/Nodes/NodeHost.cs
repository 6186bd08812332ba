using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Reading;
using Xmtp.Gateway.Endpoints.Listening;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>Puts a node's services on a Kestrel of their own: gRPC, and gRPC-Web over HTTP/1.1, on one port and open to browsers.</summary>
internal static class NodeHost
{
    private const int LargestMessage = 25 * 1024 * 1024;

    /// <summary>Builds the host; it is not started yet.</summary>
    public static WebApplication Build(DevNodeOptions options, GatewayPort port, PrivateKeySigner signer, EnvelopeStore store, ChainView chain)
    {
        // Empty: what the environment or a settings file says about this process is meant for the gateway.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, port));
        builder.Services.AddSingleton(options.Logs).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IConnectionListenerFactory, PortListenerFactory>();
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddRouting().AddCors();
        builder.Services.AddGrpc(grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (LargestMessage, LargestMessage));
        builder.Services.AddSingleton(new PublishService(options, signer, store, chain, options.Logs.CreateLogger<DevNode>()));
        builder.Services.AddSingleton<IServiceMethodProvider<PublishService>, PublishMethods>();
        builder.Services.AddSingleton(options).AddSingleton(store).AddSingleton(chain);
        builder.Services.AddSingleton<QueryService>().AddSingleton<IServiceMethodProvider<QueryService>, QueryMethods>();
        builder.Services.AddSingleton<SubscribeService>().AddSingleton<IServiceMethodProvider<SubscribeService>, SubscribeMethods>();
        builder.Services.AddSingleton(Healthy());
        return Map(builder.Build());
    }

    private static void Listen(KestrelServerOptions kestrel, GatewayPort port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        foreach (var protocol in new[] { HttpProtocols.Http2, HttpProtocols.Http1 })
            kestrel.Listen(new GatewayEndPoint(port, protocol), listen => listen.Protocols = protocol);
    }

    private static WebApplication Map(WebApplication app)
    {
        app.UseRouting();
        app.UseCors(cors => cors.AllowAnyOrigin().AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("grpc-status", "grpc-message", "grpc-status-details-bin"));
        app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = true });
        app.MapGrpcService<PublishService>();
        app.MapGrpcService<QueryService>();
        app.MapGrpcService<SubscribeService>();
        app.MapGrpcService<HealthServiceImpl>();
        return app;
    }

    private static HealthServiceImpl Healthy()
    {
        var health = new HealthServiceImpl();
        foreach (var service in (string[])["", "xmtp.xmtpv4.message_api.PublishApi", .. ReadMethods.Services])
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        return health;
    }
}
