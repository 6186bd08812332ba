using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Xmtp.Gateway.Identity;

/// <summary>Creates an identity resolver for each call, in a scope of its own that ends with its result.</summary>
internal sealed class ScopedIdentityResolver<T>(IServiceScopeFactory scopes) : IIdentityResolver, ICreatedPerCall
    where T : class, IIdentityResolver
{
    /// <inheritdoc/>
    public string TypeName => typeof(T).Name;

    /// <inheritdoc/>
    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
        ScopedCall.RunAsync<T, IdentityResult>(scopes, resolver => resolver.ResolveAsync(context, cancellationToken));
}
