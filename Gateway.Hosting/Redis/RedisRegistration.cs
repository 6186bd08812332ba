using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Registers the shared store. Every room that keeps state asks for it, and keeps to memory where no Redis is
/// configured.
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

    /// <summary>Adds what tells at start, and from then on, whether the store answers; nothing where none is configured.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="slots">The hash tags of what the host writes.</param>
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
                        "redis", provider => provider.GetRequiredService<RedisHealth>(), failureStatus: null, tags: null));
            }
        });
        return services;
    }

    /// <summary>Adds what connects anew while the store takes no writes.</summary>
    /// <param name="services">The host's.</param>
    /// <param name="slots">The hash tags of what the host writes.</param>
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
