using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Identity;

/// <summary>
/// Identifies the client by its address: the connection's peer or, behind trusted proxies, the last address in
/// X-Forwarded-For that is not one of theirs.
/// </summary>
/// <remarks>
/// Each proxy appends its peer, so the header is reliable from the right, as far as the hops are trusted; the client
/// may have written everything to the left of that.
/// </remarks>
public sealed class ClientAddressIdentityResolver(IOptions<ClientAddressOptions> options) : IIdentityResolver
{
    /// <summary>The kind of these identities.</summary>
    public const string Kind = "address";

    private static readonly IdentityResult Nobody = IdentityResult.Unauthenticated("the connection has no client address");

    /// <inheritdoc/>
    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(ForwardedFor.Client(context, options.Value.TrustedProxies) is { } client
            ? IdentityResult.Known(new ClientIdentity(Kind, ClientAddress.Name(client)))
            : Nobody);
    }
}
