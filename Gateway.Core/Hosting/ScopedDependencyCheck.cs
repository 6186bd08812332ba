using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Hosting;

/// <summary>
/// Checks that no authorizer or identity resolver that is created once needs a scoped service: it would share one instance,
/// such as a database context, over all concurrent publishes for the life of the process. The container itself checks that
/// in Development alone.
/// </summary>
/// <param name="services">The application's registrations.</param>
internal sealed class ScopedDependencyCheck(IServiceCollection services) : IStartCheck
{
    /// <inheritdoc/>
    public string Subject => "services of the rules";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<string>>(
        [.. FaultsOf(typeof(IPublishAuthorizer), "AddAuthorizer", "AddScopedAuthorizer"),
            .. FaultsOf(typeof(IIdentityResolver), "UseIdentity", "UseScopedIdentity")]);

    private IEnumerable<string> FaultsOf(Type service, string method, string scoped) => services
        .Where(one => one.ServiceType == service && one is { IsKeyedService: false, Lifetime: ServiceLifetime.Singleton })
        .Select(one => one.ImplementationType)
        .OfType<Type>()
        .Select(type => (Type: type, Needed: ScopedServiceOf(type, [])))
        .Where(found => found.Needed is not null)
        .Select(found => $"{method}<{found.Type.Name}>: it is created once and needs {found.Needed!.Name}, which is scoped; " +
            $"expected {scoped}<{found.Type.Name}>, which creates it for each publish");

    // Follows the constructors through singletons and transients that name their type.
    private Type? ScopedServiceOf(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) return null;
        foreach (var needed in type.GetConstructors().SelectMany(one => one.GetParameters()).Select(one => one.ParameterType))
        {
            if (services.LastOrDefault(one => one.ServiceType == needed && !one.IsKeyedService) is not { } registered) continue;
            if (registered.Lifetime == ServiceLifetime.Scoped) return needed;
            if (registered.ImplementationType is { } implementation && ScopedServiceOf(implementation, seen) is { } deeper) return deeper;
        }

        return null;
    }
}
