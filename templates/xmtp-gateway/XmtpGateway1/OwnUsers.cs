using Xmtp.Gateway.Authorization;

namespace XmtpGateway1;

/// <summary>Says who may publish: the identities under Users in appsettings.json. Ask your own user store here.</summary>
public sealed class OwnUsers(IConfiguration configuration) : IPublishAuthorizer
{
    private readonly HashSet<string> users = [.. configuration.GetSection("Users").Get<string[]>() ?? []];

    public ValueTask<AuthorizationDecision> AuthorizeAsync(PublishContext publish, CancellationToken cancellationToken) =>
        ValueTask.FromResult(users.Contains(publish.Identity.Value)
            ? AuthorizationDecision.Allow
            : AuthorizationDecision.Deny("this gateway publishes for users of the app"));
}
