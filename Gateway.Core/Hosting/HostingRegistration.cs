using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Hosting;

/// <summary>Registers this folder: options, start checks, log, health, metrics and shutdown.</summary>
internal static class HostingRegistration
{
    /// <summary>Adds what is not registered yet.</summary>
    public static void AddHosting(this WebApplicationBuilder builder, SettingTable table, CommandLine line)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(table).AddSingleton(line).AddSingleton<StartChecks>();
        foreach (var group in table.Groups) group.Register(services, builder.Configuration);
        services.AddPayerKey(builder.Configuration);
        services.TryAddSingleton(PayerKeyCheck.Signer);
        services.TryAddSingleton(typeof(UncheckedOptions<>));
        services.AddSingleton<IStartCheck, PayerKeyCheck>().AddSingleton<IStartCheck, ChainCheck>().AddSingleton<IStartCheck, NodeKeyCheck>().AddSingleton<IStartCheck, OpenGatewayCheck>();
        services.AddSingleton<StartLog>().AddHostedService<OpenGatewayWarning>();
        services.AddGatewayHealth(table.Group<ApiSettings>().Read(builder.Configuration, []));
        services.AddSharedStore().AddSharedStoreChecks();
        services.AddOptions<IdempotencyOptions>().PostConfigure<UncheckedOptions<LimitsOptions>>((once, limits) => once.StorePatience = limits.Value.StoreTimeout);
        services.AddOptions<AppChainTransactionOptions>().PostConfigure<UncheckedOptions<LimitsOptions>>((chain, limits) => chain.Ledger.StorePatience = limits.Value.StoreTimeout);
        services.AddMetricsPort(table.Group<MetricsSettings>().Read(builder.Configuration, []));
        LogSetup.Apply(builder, table.Group<LogSettings>().Read(builder.Configuration, []));
        WrapLifetime(services);
    }

    /// <summary>Makes this folder's endpoints.</summary>
    public static WebApplication MapHosting(this WebApplication app)
    {
        app.UseMetricsPort();
        app.MapGatewayHealth();
        return app;
    }

    private static void WrapLifetime(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IHostLifetime));
        services.Remove(inner);
        services.AddSingleton<IHostLifetime>(provider => new GatewayLifetime(
            (IHostLifetime)(inner.ImplementationInstance ?? inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider));
    }
}
