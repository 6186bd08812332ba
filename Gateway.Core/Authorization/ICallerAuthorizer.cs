using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// An authorizer that needs no envelopes: it decides before the body of the request is read, so that a caller whom it refuses
/// costs the gateway the headers of a call and nothing else.
/// </summary>
/// <remarks>Asked once for each request, and before all other authorizers.</remarks>
public interface ICallerAuthorizer : IPublishAuthorizer
{
    /// <summary>Decides on one request by its caller.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="headers">The call's headers.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves or another authorizer refused.</param>
    ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken);

    /// <inheritdoc/>
    ValueTask<AuthorizationDecision> IPublishAuthorizer.AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publish);
        return AuthorizeAsync(publish.Identity, publish.Headers, cancellationToken);
    }
}
