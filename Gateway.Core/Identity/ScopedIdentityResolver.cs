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
    public async ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeScope = scope.ConfigureAwait(false);
        return await scope.ServiceProvider.GetRequiredService<T>().ResolveAsync(context, cancellationToken).ConfigureAwait(false);
    }
}
