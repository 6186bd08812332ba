using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>An identity resolver that is one function.</summary>
/// <param name="resolve">Says who asks; called once a request and from many at a time.</param>
internal sealed class DelegateIdentityResolver(Func<HttpContext, CancellationToken, ValueTask<IdentityResult>> resolve) : IIdentityResolver
{
    /// <inheritdoc/>
    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken) =>
        resolve(context, cancellationToken);
}
