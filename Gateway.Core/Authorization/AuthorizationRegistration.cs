using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Xmtp.Gateway.Authorization;

/// <summary>Registers this folder: who may publish.</summary>
internal static class AuthorizationRegistration
{
    /// <summary>Adds what is not registered yet.</summary>
    public static IServiceCollection AddPublishAuthorization(this IServiceCollection services)
    {
        services.TryAddSingleton<PublishAuthorization>();
        return services;
    }
}
