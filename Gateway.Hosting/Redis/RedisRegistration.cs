using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Registers the shared store. Every component with state uses it, and falls back to memory if no Redis is configured.
/// </summary>
internal static class RedisRegistration
{
    /// <summary>Adds the one connection.</summary>
    internal static IServiceCollection AddSharedStore(this IServiceCollection services)
    {
        services.AddOptions<RedisOptions>().PostConfigure<IServiceProviderIsService>((options, registered) =>
            options.HasRegisteredConnection = registered.IsService(typeof(IConnectionMultiplexer)));
        services.TryAddSingleton<RedisConnection>();
        services.TryAddSingleton<RedisResultsConnection>();
        return services;
    }

    /// <summary>Adds the checks, at start and afterwards, that the store responds; none when no store is configured.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="slots">The hash tags of the keys that the host writes.</param>
    internal static IServiceCollection AddSharedStoreChecks(
        this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<string>> slots)
    {
        services.AddSingleton<IStartCheck, RedisCheck>();
        services.AddSharedStoreWatch(slots).AddSingleton<RedisHealth>();
        services.AddHealthChecks();
        services.AddOptions<HealthCheckServiceOptions>().Configure<UncheckedOptions<RedisOptions>>((health, redis) =>
        {
            if (redis.Value.IsConfigured)
            {
                health.Registrations.Add(
                    new HealthCheckRegistration(
                        "redis", provider => provider.GetRequiredService<RedisHealth>(), null, [HealthReports.LogsItself]));
            }
        });
        return services;
    }

    /// <summary>Adds the check, at start, for faults of the store that do not pass by themselves.</summary>
    internal static IServiceCollection AddSharedStoreFaultCheck(this IServiceCollection services) => services.AddSingleton<IStartCheck>(
        provider => new RedisCheck(provider, provider.GetRequiredService<TimeProvider>()) { MayBeUnavailable = true });

    /// <summary>Adds the watch that reconnects while the store does not accept writes.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="slots">The hash tags of the keys that the host writes.</param>
    internal static IServiceCollection AddSharedStoreWatch(
        this IServiceCollection services, Func<IServiceProvider, IReadOnlyList<string>> slots)
    {
        services.AddSingleton(provider => new SharedStoreState(
            provider.GetRequiredService<RedisConnection>(),
            provider.GetRequiredService<IOptions<RedisOptions>>(),
            provider.GetRequiredService<IMeterFactory>(),
            provider.GetRequiredService<TimeProvider>(), slots(provider)));
        return services.AddHostedService<SharedStoreWatch>();
    }
}
