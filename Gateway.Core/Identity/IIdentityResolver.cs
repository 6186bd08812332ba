using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Identity;

/// <summary>Identifies the caller. A gateway has exactly one resolver; the default uses the client's address.</summary>
/// <remarks>Singleton, called once per request and concurrently. An exception ends the request as INTERNAL.</remarks>
public interface IIdentityResolver
{
    /// <summary>Resolves the identity of a call.</summary>
    /// <param name="context">The call: its headers and its connection.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken);
}
