using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Redis;

/// <summary>Registers the shared store. Every room that keeps state asks for it, and keeps to memory where no Redis is configured.</summary>
internal static class RedisRegistration
{
    /// <summary>Adds the one connection.</summary>
    internal static IServiceCollection AddSharedStore(this IServiceCollection services)
    {
        services.TryAddSingleton<RedisConnection>();
        return services;
    }

    /// <summary>Adds what tells at start, and from then on, whether the store answers; nothing where none is configured.</summary>
    internal static IServiceCollection AddSharedStoreChecks(this IServiceCollection services, RedisOptions options)
    {
        if (options.ConnectionString is null) return services;
        services.AddSingleton<IStartCheck, RedisCheck>();
        services.AddSingleton<RedisHealth>();
        services.AddHealthChecks().AddCheck<RedisHealth>("redis");
        return services;
    }
}
