using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Xmtp.Gateway.Notifications;

internal static class ChangeNotificationsRegistration
{
    /// <summary>
    /// Adds the notifications and their two sources: Redis if it is configured, else the gateway's own subscription.
    /// </summary>
    internal static IServiceCollection AddChangeNotifications(this IServiceCollection services)
    {
        services.TryAddSingleton<ChangeNotifications>();
        services.TryAddSingleton<IChangeNotifications>(provider => provider.GetRequiredService<ChangeNotifications>());
        services.AddHostedService<RedisChangeNotifications>();
        services.AddHostedService<SettlementChainSubscription>();
        return services;
    }
}
