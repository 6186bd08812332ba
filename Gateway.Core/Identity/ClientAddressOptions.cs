using System.Net;

namespace Xmtp.Gateway.Identity;

/// <summary>Which proxies are trusted to report a client's address.</summary>
public sealed class ClientAddressOptions
{
    /// <summary>The proxies whose X-Forwarded-For is trusted, as addresses or CIDR ranges; default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = [];
}
