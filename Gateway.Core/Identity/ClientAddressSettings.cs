using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Identity;

/// <summary>How the address of a client is found.</summary>
internal sealed class ClientAddressSettings : SettingGroup<ClientAddressOptions>
{
    /// <summary>The row.</summary>
    public ClientAddressSettings()
        : base("Client addresses", "Xmtp:Api") =>
        Add(
            "api.trusted-proxies",
            "XMTPD_API_TRUSTED_PROXIES",
            "TrustedProxies",
            SettingTypes.Networks,
            (o, v) => o.TrustedProxies = v,
            null,
            "proxies whose X-Forwarded-For counts: addresses or CIDR ranges");
}
