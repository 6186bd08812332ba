using Grpc.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Endpoints.Listening;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Endpoints.Telemetry;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints;

/// <summary>Registers the endpoints: the ports, the protocols, and the mapping of outcomes to statuses.</summary>
internal static class EndpointsRegistration
{
    private static readonly string[] Services = ["xmtp.xmtpv4.payer_api.PayerApi", "xmtp.xmtpv4.gateway_api.GatewayApi"];

    /// <summary>Adds the services that are not registered yet.</summary>
    public static IServiceCollection AddEndpoints(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddRouting().AddMetrics().AddCors();
        services.ConfigureOptions<BrowserAccess>();
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = MessageLimit.Bytes;
            grpc.MaxSendMessageSize = MessageLimit.Bytes;
        })
            .AddServiceOptions<ReflectionV1ServiceImpl>(reflection => reflection.MaxReceiveMessageSize = MessageLimit.SmallBytes)
            .AddServiceOptions<ReflectionServiceImpl>(reflection => reflection.MaxReceiveMessageSize = MessageLimit.SmallBytes);
        services.AddSingleton<IStartCheck, OpenGatewayCheck>();
        services.TryAddSingleton<PublishClientEnvelopes>();
        services.TryAddSingleton<GetNodes>();
        services.TryAddSingleton<CallRunner>();
        services.TryAddSingleton<BytesInFlight>();
        services.TryAddSingleton<IHeldBytes, HeldBytes>();
        services.TryAddSingleton<GatewayCors>();
        services.TryAddSingleton<ForeignOrigins>();
        services.TryAddSingleton<CallAdmission>();
        services.TryAddSingleton<GrpcUnary>();
        services.TryAddSingleton<ConnectUnary>();
        services.TryAddSingleton<UnaryEndpoint>();
        services.TryAddSingleton<CallMetrics>();
        services.TryAddSingleton<FailedCallLog>();
        services.AddHostedService<ConnectionErrors>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IStartupFilter, ReusedStreams>());
        services.TryAddSingleton(_ => Reflection.V1());
        services.TryAddSingleton(_ => Reflection.V1Alpha());
        return services;
    }

    /// <summary>Opens the ports of <c>ApiOptions</c> when the application starts.</summary>
    public static WebApplicationBuilder ConfigureGatewayListeners(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddSingleton(typeof(UncheckedOptions<>));
        builder.Services.TryAddSingleton(provider => new GatewayAddresses { MetricsPort = provider.GetService<MetricsListener>() });
        builder.Services.TryAddSingleton<OpenConnections>();
        builder.Services.AddSingleton<IStartCheck, PortCheck>();
        builder.Services.AddSingleton<IConnectionListenerFactory, PortListenerFactory>();
        builder.Services.AddSingleton<IConfigureOptions<KestrelServerOptions>, ListenerSetup>();
        return builder;
    }

    /// <summary>Maps the endpoints.</summary>
    public static WebApplication MapEndpoints(this WebApplication app)
    {
        RequestSchemes.Use(app);
        BrowserAccess.Use(app);
        foreach (var service in Services)
        {
            Map(app, service, app.Services.GetRequiredService<PublishClientEnvelopes>());
            Map(app, service, app.Services.GetRequiredService<GetNodes>());
            Map(app, service, new UnknownMethod(), "{method}");
        }

        if (!app.Services.GetRequiredService<IOptions<ApiOptions>>().Value.Reflection) return app;
        CountedCalls.Count(app.MapGrpcService<ReflectionV1ServiceImpl>(), app.Services);
        CountedCalls.Count(app.MapGrpcService<ReflectionServiceImpl>(), app.Services);
        return app;
    }

    private static void Map(WebApplication app, string service, IUnaryMethod method, string? route = null)
    {
        var endpoint = app.Services.GetRequiredService<UnaryEndpoint>();
        var metrics = app.Services.GetRequiredService<CallMetrics>().Of(service, method.Name);
        app.Map($"/{service}/{route ?? method.Name}", call => endpoint.HandleAsync(call, method, metrics))
            .WithDisplayName($"{service}/{method.Name}");
    }
}
