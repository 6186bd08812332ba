using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;

namespace XmtpGateway1;

/// <summary>Says who may publish: the identities under Users in appsettings.json. Ask your own user store here.</summary>
public sealed class OwnUsers(IConfiguration configuration) : ICallerAuthorizer
{
    private readonly HashSet<string> users = [.. configuration.GetSection("Users").Get<string[]>() ?? []];

    public ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken) =>
        ValueTask.FromResult(users.Contains(caller.Value)
            ? AuthorizationDecision.Allow
            : AuthorizationDecision.Deny("this gateway publishes for users of the app"));
}
