using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Identity;

/// <summary>Finds out who is asking. A gateway has exactly one; the client's address is the default.</summary>
/// <remarks>Singleton, called once a request and from many at a time. What it throws ends the request as INTERNAL.</remarks>
public interface IIdentityResolver
{
    /// <summary>Resolves the identity of a call.</summary>
    /// <param name="context">The call: its headers and its connection.</param>
    /// <param name="cancellationToken">Ends when the caller leaves.</param>
    ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken);
}
