using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions.Nonces;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Hosting;

/// <summary>Registers what every feature needs: options, start checks, log, the shared store and the metrics port.</summary>
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
        services.AddSingleton<IStartCheck, PayerKeyCheck>().AddSingleton<IStartCheck, ChainCheck>();
        services.AddSingleton<StartLog>();
        services.AddSharedStore().AddSharedStoreChecks(SlotsOfPublishes);
        services.AddOptions<IdempotencyOptions>().PostConfigure<UncheckedOptions<LimitsOptions>>((once, limits) => once.StorePatience = limits.Value.StoreTimeout);
        services.AddOptions<AppChainTransactionOptions>().PostConfigure<UncheckedOptions<LimitsOptions>>((chain, limits) => chain.Ledger.StorePatience = limits.Value.StoreTimeout);
        services.AddMetricsPort(table.Group<MetricsSettings>().Read(builder.Configuration, []));
        LogSetup.Apply(builder, table.Group<LogSettings>().Read(builder.Configuration, []));
        WrapLifetime(services);
    }

    // Nonces, claims and results have one, limits and budgets the other.
    private static IReadOnlyList<string> SlotsOfPublishes(IServiceProvider services) =>
        [new NonceStream(services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId, services.GetRequiredService<ISigner>().Address).ToString(), "limits"];

    private static void WrapLifetime(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IHostLifetime));
        services.Remove(inner);
        services.AddSingleton<IHostLifetime>(provider => new GatewayLifetime(
            (IHostLifetime)(inner.ImplementationInstance ?? inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider));
    }
}
