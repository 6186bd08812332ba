using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Hosting.Health;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>Registers the health checks, their endpoints, and the order of a stop.</summary>
internal static class GatewayHealthRegistration
{
    /// <summary>Adds the checks, the pages and the stop. An application's own health checks are included.</summary>
    public static IServiceCollection AddGatewayHealth(this IServiceCollection services, ApiOptions api)
    {
        services.AddSingleton<GatewayShutdown>().AddHostedService(provider => provider.GetRequiredService<GatewayShutdown>());
        services.AddSingleton<HealthReports>().AddSingleton<HealthWatchers>().AddSingleton<HealthCheck>().AddSingleton<HealthPages>();
        services.AddHealthChecks().AddCheck<GatewayShutdown>("stop");
        services.AddGrpc().AddServiceOptions<GrpcHealth>(health => health.MaxReceiveMessageSize = MessageLimit.SmallBytes);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = api.ShutdownDelay + api.DrainTimeout);
        return services;
    }

    /// <summary>Maps the endpoints.</summary>
    public static void MapGatewayHealth(this WebApplication app)
    {
        app.Services.GetRequiredService<HealthPages>().Map(app);
        CountedCalls.Count(app.MapGrpcService<GrpcHealth>(), app.Services);
        var endpoint = app.Services.GetRequiredService<UnaryEndpoint>();
        var check = app.Services.GetRequiredService<HealthCheck>();
        // Grpc.AspNetCore maps the whole service, Check included: the lower order comes first.
        app.Map(HealthCheck.Path, call => endpoint.HandleProbeAsync(call, check))
            .WithOrder(-1)
            .WithDisplayName("grpc.health.v1.Health/Check");
    }
}
