using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

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
}
