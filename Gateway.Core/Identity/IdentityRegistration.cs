using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Xmtp.Gateway.Identity;

/// <summary>Registers this folder: who is asking.</summary>
internal static class IdentityRegistration
{
    /// <summary>Adds what is not registered yet.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton<IIdentityResolver, ClientAddressIdentityResolver>();
        return services;
    }
}
