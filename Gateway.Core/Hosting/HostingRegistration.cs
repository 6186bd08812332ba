using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Hosting.Telemetry;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.MultiPayer;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Registers what the features share: the signer, the checks of the shared store, the metrics port, and the start.
/// </summary>
internal static class HostingRegistration
{
    private const int MaxSlots = 64;

    /// <summary>Adds it, and the settings that one feature takes from another.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="table">The settings.</param>
    public static void AddHosting(this WebApplicationBuilder builder, SettingTable table)
    {
        var services = builder.Services;
        if (!table.Group<PayersSettings>().IsGiven(builder.Configuration)) services.AddOnePayer();
        services.AddSingleton<StartLog>().AddSingleton<StandardInputWatch>();
        services.AddSingleton<IStartCheck>(new ScopedDependencyCheck(services));
        services.AddSharedStoreChecks(SlotsOfPublishes);
        services.AddOptions<IdempotencyOptions>()
            .PostConfigure<UncheckedOptions<LimitsOptions>>((once, limits) => once.StoreWaitTimeout = limits.Value.StoreTimeout);
        services.AddOptions<AppChainTransactionOptions>()
            .PostConfigure<UncheckedOptions<LimitsOptions>>(
                (chain, limits) => chain.NonceStore.StoreWaitTimeout = limits.Value.StoreTimeout);
        services.AddMetricsPort(table.Group<MetricsSettings>().Read(builder.Configuration, []));
        WrapLifetime(services);
    }

    private static void AddOnePayer(this IServiceCollection services)
    {
        services.TryAddSingleton(PayerKeyCheck.Signer);
        services.TryAddSingleton(PayerAddresses.OfOne);
        services.AddSingleton<IStartCheck, PayerKeyCheck>();
    }

    // A payer's nonces share a slot with claims and results, which several payers have in one of their own; limits and budgets are in
    // another. So many slots are on every server of a cluster.
    private static IReadOnlyList<string> SlotsOfPublishes(IServiceProvider services)
    {
        var chainId = services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId;
        var payers = services.GetRequiredService<PayerAddresses>();
        var nonces = payers.All.Take(MaxSlots).Select(payer => new NonceStream(chainId, payer.Address).ToString());
        return [.. nonces.Prepend(ClaimSlot.Of(payers, chainId)).Distinct(), "limits"];
    }

    private static void WrapLifetime(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IHostLifetime));
        services.Remove(inner);
        services.AddSingleton<IHostLifetime>(provider => new GatewayLifetime(
            (IHostLifetime)(inner.ImplementationInstance
                ?? inner.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, inner.ImplementationType!)),
            provider));
    }
}
