using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>Registers the shared store. Every room that keeps state asks for it, and keeps to memory where no Redis is configured.</summary>
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
    internal static IServiceCollection AddSharedStoreChecks(this IServiceCollection services)
    {
        services.AddSingleton<IStartCheck, RedisCheck>();
        services.AddSingleton<SharedStoreState>().AddSingleton<RedisHealth>();
        services.AddHostedService<SharedStoreWatch>();
        services.AddHealthChecks();
        services.AddOptions<HealthCheckServiceOptions>().Configure<UncheckedOptions<RedisOptions>>((health, redis) =>
        {
            if (redis.Value.IsConfigured)
                health.Registrations.Add(new HealthCheckRegistration("redis", provider => provider.GetRequiredService<RedisHealth>(), failureStatus: null, tags: null));
        });
        return services;
    }
}
