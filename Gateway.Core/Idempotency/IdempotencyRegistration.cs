using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Idempotency;

internal static class IdempotencyRegistration
{
    /// <summary>Adds what prevents an envelope from being published twice: in memory, and in Redis if configured.</summary>
    internal static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.AddOptions<IdempotencyOptions>();
        services.TryAddSingleton<IdempotencyMetrics>();
        services.TryAddSingleton(PayerAddresses.OfOne);
        services.AddSharedStore().TryAddSingleton(Store);
        services.TryAddSingleton(provider => new LapsedClaims(
            provider.GetRequiredService<IOptions<IdempotencyOptions>>().Value.Window > TimeSpan.Zero
                ? provider.GetRequiredService<IPublishedStore>()
                : null));
        return services;
    }

    private static IPublishedStore Store(IServiceProvider services)
    {
        var (options, metrics, time) = (
            services.GetRequiredService<IOptions<IdempotencyOptions>>().Value,
            services.GetRequiredService<IdempotencyMetrics>(),
            services.GetRequiredService<TimeProvider>());
        var redis = services.GetRequiredService<IOptions<RedisOptions>>().Value;
        var memory = new MemoryPublishedStore(options, metrics, time, isInFrontOfShared: redis.IsConfigured);
        if (!redis.IsConfigured) return memory;
        var slot = ClaimSlot.Of(
            services.GetRequiredService<PayerAddresses>(),
            services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId);
        var connection = services.GetRequiredService<RedisConnection>();
        var prefix = $"{redis.KeyPrefix}published:{{{slot}}}:";
        var bodies = services.GetRequiredService<RedisResultsConnection>();
        var answers = redis.ResultsConnectionString is null
            ? null
            : new RedisAnswers(() => bodies.Database, prefix, options, metrics, time);
        return new TieredPublishedStore(
            memory, new RedisPublishedStore(() => connection.Database, prefix, options, metrics, time, answers));
    }
}
