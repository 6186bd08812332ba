using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Identity;

/// <summary>The settings of how the address of a client is determined.</summary>
internal sealed class ClientAddressSettings : SettingGroup<ClientAddressOptions>
{
    /// <summary>Creates the setting.</summary>
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
