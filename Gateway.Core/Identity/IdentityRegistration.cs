using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Identity;

/// <summary>Registers this folder: who is asking.</summary>
internal static class IdentityRegistration
{
    /// <summary>Adds what is not registered yet: tokens where keys are configured for them, else addresses.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton<IIdentityResolver>(provider => provider.GetRequiredService<IOptions<JwtOptions>>().Value.IsConfigured
            ? ActivatorUtilities.CreateInstance<JwtIdentityResolver>(provider)
            : ActivatorUtilities.CreateInstance<ClientAddressIdentityResolver>(provider));
        return services;
    }
}
