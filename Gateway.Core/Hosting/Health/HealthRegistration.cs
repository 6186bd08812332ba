using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>Registers this folder: what readiness is, who tells it, and the order of a stop.</summary>
internal static class HealthRegistration
{
    /// <summary>Adds the checks, the pages and the stop. An application's own health checks count as well.</summary>
    public static IServiceCollection AddGatewayHealth(this IServiceCollection services, ApiOptions api)
    {
        services.AddSingleton<GatewayShutdown>().AddHostedService(provider => provider.GetRequiredService<GatewayShutdown>());
        services.AddSingleton<HealthReports>().AddSingleton<HealthWatchers>().AddSingleton<HealthPages>().AddSingleton<NodesHealth>();
        services.AddHealthChecks().AddCheck<GatewayShutdown>("stop").AddCheck<NodesHealth>("nodes");
        AddChain(services, "settlement-chain", isVital: true, options => (options.SettlementChain.RpcUrl!, options.SettlementChain.MaxChainDisconnectTime));
        AddChain(services, "app-chain", isVital: false, options => (options.AppChain.RpcUrl!, options.AppChain.MaxChainDisconnectTime), provider => provider.GetService<AppChainFlow>()?.Trouble);
        services.AddGrpc().AddServiceOptions<GrpcHealth>(health => health.MaxReceiveMessageSize = MessageLimit.SmallBytes);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = api.ShutdownDelay + api.DrainTimeout);
        return services;
    }

    /// <summary>Makes the endpoints.</summary>
    public static void MapGatewayHealth(this WebApplication app)
    {
        app.Services.GetRequiredService<HealthPages>().Map(app);
        CountedCalls.Count(app.MapGrpcService<GrpcHealth>(), app.Services);
    }

    private static void AddChain(
        IServiceCollection services, string name, bool isVital, Func<ContractsOptions, (Uri Url, TimeSpan LostAfter)> chain, Func<IServiceProvider, (RpcError Error, TimeSpan For)?>? trouble = null)
    {
        services.AddKeyedSingleton(name, (provider, _) =>
        {
            var (url, lostAfter) = chain(provider.GetRequiredService<IOptions<ContractsOptions>>().Value);
            return new ChainHealth(url, lostAfter, isVital, provider.GetRequiredService<TimeProvider>(), trouble is null ? null : () => trouble(provider));
        });
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<ChainHealth>(name));
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, provider => provider.GetRequiredKeyedService<ChainHealth>(name), null, null));
    }
}
