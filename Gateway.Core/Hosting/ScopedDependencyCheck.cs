using System.Diagnostics.CodeAnalysis;
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
        .Select(found => $"{method}<{found.Type.Name}>: it is created once and needs {NameOf(found.Needed!)}, which is scoped; " +
            $"expected {scoped}<{found.Type.Name}>, which creates it for each publish");

    // Such as Repository<Member> rather than Repository`1.
    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    // Follows the constructors through singletons and transients that name their type; a factory tells nothing.
    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "A registration keeps its type's constructors.")]
    private Type? ScopedServiceOf(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type)) return null;
        foreach (var needed in type.GetConstructors().SelectMany(one => one.GetParameters()).Select(one => one.ParameterType))
        {
            foreach (var (service, registered) in RegistrationsOf(needed))
            {
                if (registered.Lifetime == ServiceLifetime.Scoped) return service;
                if (ImplementationOf(registered, service) is { } implementation && ScopedServiceOf(implementation, seen) is { } deeper)
                    return deeper;
            }
        }

        return null;
    }

    // As the container chooses: of one service the last registration, else that of its open generic; of a sequence all.
    private IEnumerable<(Type Service, ServiceDescriptor Registered)> RegistrationsOf(Type needed)
    {
        var all = needed.IsGenericType && needed.GetGenericTypeDefinition() == typeof(IEnumerable<>);
        var service = all ? needed.GetGenericArguments()[0] : needed;
        var open = service.IsGenericType ? service.GetGenericTypeDefinition() : null;
        var found = services.Where(one => !one.IsKeyedService && (one.ServiceType == service || one.ServiceType == open)).ToList();
        if (all) return found.Select(one => (service, one));
        var one = found.FindLast(one => one.ServiceType == service) ?? found.LastOrDefault();
        return one is null ? [] : [(service, one)];
    }

    [UnconditionalSuppressMessage("Trimming", "IL2055", Justification = "A registration keeps its type's constructors.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Constructors are read, and none is called.")]
    private static Type? ImplementationOf(ServiceDescriptor registered, Type service)
    {
        if (registered.ImplementationType is not { IsGenericTypeDefinition: true } open) return registered.ImplementationType;
        try
        {
            return open.MakeGenericType(service.GetGenericArguments());
        }
        catch (ArgumentException)
        {
            // The arguments do not fit; the container says so when it is asked.
            return null;
        }
    }
}
