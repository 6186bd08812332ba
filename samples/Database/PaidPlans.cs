using Microsoft.EntityFrameworkCore;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Samples.Database;

/// <summary>Lets users with a paid plan publish; decides before the body of the request is read.</summary>
/// <param name="plans">The database, of this call alone.</param>
public sealed class PaidPlans(Plans plans) : ICallerAuthorizer
{
    /// <inheritdoc/>
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return await plans.Users.AnyAsync(plan => plan.User == caller.Value && plan.IsPaid, cancellationToken)
            ? AuthorizationDecision.Allow
            : AuthorizationDecision.Deny("your plan has ended");
    }
}
