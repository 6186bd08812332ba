using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Registers authorization: who may publish, and how much. Limits are counted in Redis if configured, else in memory.
/// </summary>
internal static class AuthorizationRegistration
{
    /// <summary>Adds the services that are not registered yet, for one payer.</summary>
    public static IServiceCollection AddPublishAuthorization(this IServiceCollection services) =>
        services.AddLimitStore().AddAuthorizationOfPublishes();

    /// <summary>Adds what all payers share: the store of limits, and the checks of the configuration.</summary>
    internal static IServiceCollection AddLimitStore(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AuthorizationMetrics>();
        services.TryAddSingleton(Store);
        services.AddSingleton<IStartCheck, BudgetRatesCheck>();
        services.AddHostedService<OpenGatewayWarning>().AddHostedService<PortionReturn>();
        return services;
    }

    /// <summary>Adds what is a payer's own: its limits and budgets, and the authorizers with them.</summary>
    internal static IServiceCollection AddAuthorizationOfPublishes(this IServiceCollection services)
    {
        services.TryAddSingleton<PublishLimits>();
        services.TryAddSingleton<RepetitionLimit>();
        services.TryAddSingleton(
            provider => new BudgetLedger(
                provider.GetRequiredService<IOptions<LimitsOptions>>(),
                provider.GetRequiredService<IUsageLimitStore>(),
                provider.GetService<PayerLabel>()));
        services.TryAddSingleton(provider => new PublishAuthorization(
            provider.GetServices<IPublishAuthorizer>(),
            provider.GetRequiredService<PublishLimits>(),
            provider.GetRequiredService<AuthorizationMetrics>(),
            provider.GetRequiredService<ILogger<PublishAuthorization>>()));
        return services;
    }

    /// <summary>Makes the network's charges count in budgets; requires <c>ISettledUsage</c>.</summary>
    public static IServiceCollection AddSettledBudgets(this IServiceCollection services) => services.AddHostedService<SettledBudgets>();

    private static IUsageLimitStore Store(IServiceProvider services)
    {
        var (limits, redis) = (
            services.GetRequiredService<IOptions<LimitsOptions>>().Value, services.GetRequiredService<IOptions<RedisOptions>>().Value);
        var time = services.GetRequiredService<TimeProvider>();
        // Its gauge exists without a shared store too.
        var metrics = services.GetRequiredService<AuthorizationMetrics>();
        if (!redis.IsConfigured) return new MemoryUsageLimitStore(time);
        // The first use connects, so the connection is opened asynchronously and each publish waits only for its own timeout.
        var shared = new RedisUsageLimitStore(
            services.GetRequiredService<RedisConnection>().DatabaseAsync, redis.KeyPrefix, limits.StoreTimeout, time);
        var guarded = new GuardedUsageLimitStore(
            shared,
            limits.WhenStoreUnavailable,
            time,
            metrics,
            services.GetRequiredService<ILogger<GuardedUsageLimitStore>>());
        return limits.GatewayPortion == 0 ? guarded : new PortionedUsageLimitStore(guarded, shared, limits.GatewayPortion, time);
    }
}
