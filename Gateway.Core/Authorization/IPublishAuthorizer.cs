namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Decides whether a publish may happen. All authorizers of a gateway run at once; the first refusal in the order they
/// were added wins.
/// </summary>
/// <remarks>
/// Singleton, called from many requests at a time, before anything is signed or sent. What it throws ends the request
/// as INTERNAL.
/// </remarks>
public interface IPublishAuthorizer
{
    /// <summary>Decides on one request.</summary>
    /// <param name="publish">Who, what, and at what estimated cost.</param>
    /// <param name="cancellationToken">Ends when the caller leaves or another authorizer refused.</param>
    ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken);
}
