namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Decides whether a publish is allowed. All authorizers of a gateway run concurrently; the first refusal in the
/// order of registration is returned.
/// </summary>
/// <remarks>
/// A rule that needs no envelopes should be an <see cref="ICallerAuthorizer"/>, which is asked before the body is read.
/// Singleton, called from many requests concurrently, before anything is signed or sent. An exception ends the
/// request as INTERNAL.
/// </remarks>
public interface IPublishAuthorizer
{
    /// <summary>Decides on one request.</summary>
    /// <param name="publish">The caller, the envelopes, and the estimated cost.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves or another authorizer refused.</param>
    ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken);
}
