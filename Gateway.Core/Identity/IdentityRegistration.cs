using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Identity;

/// <summary>Registers the identification of callers.</summary>
internal static class IdentityRegistration
{
    /// <summary>Adds the resolver if none is registered: by token if keys are configured, else by address.</summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.TryAddSingleton<IIdentityResolver>(provider => provider.GetRequiredService<IOptions<JwtOptions>>().Value.IsConfigured
            ? ActivatorUtilities.CreateInstance<JwtIdentityResolver>(provider)
            : ActivatorUtilities.CreateInstance<ClientAddressIdentityResolver>(provider));
        return services;
    }
}
