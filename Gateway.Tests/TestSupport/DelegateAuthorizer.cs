using Xmtp.Gateway.Authorization;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>An authorizer that is one function.</summary>
/// <param name="authorize">Decides on a publish; called from many requests at a time.</param>
internal sealed class DelegateAuthorizer(Func<PublishContext, CancellationToken, ValueTask<AuthorizationDecision>> authorize)
    : IPublishAuthorizer
{
    /// <inheritdoc/>
    public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken) =>
        authorize(publish, cancellationToken);
}
