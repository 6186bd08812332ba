using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>Creates an authorizer that needs no envelopes for each publish, in a scope of its own that ends with its decision.</summary>
internal sealed class ScopedCallerAuthorizer<T>(IServiceScopeFactory scopes) : ICallerAuthorizer, ICreatedPerCall
    where T : class, ICallerAuthorizer
{
    /// <inheritdoc/>
    public string TypeName => typeof(T).Name;

    /// <inheritdoc/>
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeScope = scope.ConfigureAwait(false);
        return await scope.ServiceProvider.GetRequiredService<T>()
            .AuthorizeAsync(caller, headers, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Creates an authorizer for each publish, in a scope of its own that ends with its decision.</summary>
/// <remarks>
/// Not in the scope of the HTTP request: authorizers run concurrently, and scoped services, such as database contexts,
/// are not made for that.
/// </remarks>
internal sealed class ScopedAuthorizer<T>(IServiceScopeFactory scopes) : IPublishAuthorizer, ICreatedPerCall
    where T : class, IPublishAuthorizer
{
    /// <inheritdoc/>
    public string TypeName => typeof(T).Name;

    /// <inheritdoc/>
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using var scopeScope = scope.ConfigureAwait(false);
        return await scope.ServiceProvider.GetRequiredService<T>().AuthorizeAsync(publish, cancellationToken).ConfigureAwait(false);
    }
}
