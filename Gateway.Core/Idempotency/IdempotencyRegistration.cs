using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Idempotency;

internal static class IdempotencyRegistration
{
    /// <summary>Adds what prevents an envelope from being published twice: in memory, and in Redis if configured.</summary>
    internal static IServiceCollection AddIdempotency(this IServiceCollection services)
    {
        services.AddOptions<IdempotencyOptions>();
        services.TryAddSingleton<IdempotencyMetrics>();
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
        // All keys of a payer are in one hash slot, since a script may access many.
        var stream = new NonceStream(
            services.GetRequiredService<IOptions<ContractsOptions>>().Value.AppChain.ChainId,
            services.GetRequiredService<ISigner>().Address);
        var connection = services.GetRequiredService<RedisConnection>();
        var prefix = $"{redis.KeyPrefix}published:{{{stream}}}:";
        var bodies = services.GetRequiredService<RedisResultsConnection>();
        var answers = redis.ResultsConnectionString is null
            ? null
            : new RedisAnswers(() => bodies.Database, prefix, options, metrics, time);
        return new TieredPublishedStore(
            memory, new RedisPublishedStore(() => connection.Database, prefix, options, metrics, time, answers));
    }
}
