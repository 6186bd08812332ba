using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>Registers the health check of a chain.</summary>
internal static class HealthRegistration
{
    /// <summary>Adds the health check of a chain's RPC endpoint.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="name">The name of the check, such as <c>app-chain</c>.</param>
    /// <param name="chain">Its URL, and after how long unavailable it counts as lost.</param>
    /// <param name="trouble">Why it accepts nothing although it responds, and for how long; null for never.</param>
    public static IServiceCollection AddChainHealth(
        this IServiceCollection services,
        string name,
        Func<ContractsOptions, (Uri? Url, TimeSpan LostAfter)> chain,
        Func<IServiceProvider, (RpcError Error, TimeSpan For)?>? trouble = null)
    {
        services.TryAddSingleton<UnreachableEndpoints>();
        services.AddKeyedSingleton(name, (provider, _) =>
        {
            var (url, lostAfter) = chain(provider.GetRequiredService<IOptions<ContractsOptions>>().Value);
            return new ChainHealth(
                url!,
                lostAfter,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<UnreachableEndpoints>(),
                provider.GetRequiredService<ILogger<ChainHealth>>(),
                trouble is null ? null : () => trouble(provider));
        });
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredKeyedService<ChainHealth>(name));
        services.AddHealthChecks()
            .Add(new HealthCheckRegistration(
                name, provider => provider.GetRequiredKeyedService<ChainHealth>(name), null, [HealthReports.LogsItself]));
        return services;
    }
}
