using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Xmtp.Gateway.Announcements;

internal static class AnnouncementsRegistration
{
    /// <summary>The board, and both ways by which news reaches it: Redis where it is configured, else the gateway's own subscription.</summary>
    internal static IServiceCollection AddAnnouncements(this IServiceCollection services)
    {
        services.TryAddSingleton<AnnouncementBoard>();
        services.TryAddSingleton<IAnnouncements>(provider => provider.GetRequiredService<AnnouncementBoard>());
        services.AddHostedService<RedisAnnouncements>();
        services.AddHostedService<OwnSubscription>();
        return services;
    }
}
