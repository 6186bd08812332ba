using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>Creates an authorizer that needs no envelopes for each publish, in a scope of its own that ends with its decision.</summary>
/// <typeparam name="T">It is an <see cref="ICallerAuthorizer"/>.</typeparam>
internal sealed class ScopedCallerAuthorizer<T>(IServiceScopeFactory scopes) : ICallerAuthorizer, ICreatedPerCall
    where T : class, IPublishAuthorizer
{
    /// <inheritdoc/>
    public string TypeName => typeof(T).Name;

    /// <inheritdoc/>
    public ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken) =>
        ScopedCall.RunAsync<T, AuthorizationDecision>(
            scopes, authorizer => ((ICallerAuthorizer)authorizer).AuthorizeAsync(caller, headers, cancellationToken));
}

/// <summary>Creates an authorizer for each publish, in a scope of its own that ends with its decision.</summary>
internal sealed class ScopedAuthorizer<T>(IServiceScopeFactory scopes) : IPublishAuthorizer, ICreatedPerCall
    where T : class, IPublishAuthorizer
{
    /// <inheritdoc/>
    public string TypeName => typeof(T).Name;

    /// <inheritdoc/>
    public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken) =>
        ScopedCall.RunAsync<T, AuthorizationDecision>(scopes, authorizer => authorizer.AuthorizeAsync(publish, cancellationToken));
}
