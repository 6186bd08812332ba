using System.Net;

namespace Xmtp.Gateway.Identity;

/// <summary>Whose word on a client's address is believed.</summary>
public sealed class ClientAddressOptions
{
    /// <summary>The proxies whose X-Forwarded-For counts, as addresses or CIDR ranges; default none.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; set; } = [];
}
