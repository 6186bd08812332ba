using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Authorization;

/// <summary>The settings of who may publish.</summary>
internal sealed class AuthSettings : SettingGroup<AuthOptions>
{
    /// <summary>Creates the settings.</summary>
    public AuthSettings()
        : base("Authorization", "Xmtp:Auth")
    {
        Add("auth.allow-all", "XMTPD_AUTH_ALLOW_ALL", "AllowAll", SettingTypes.Switch, (o, v) => o.AllowAll = v, "false",
            "everyone who reaches the gateway may publish; stops the warning about it, and lets a gateway without rules start on mainnet");
        Add("auth.allowlist", "XMTPD_AUTH_ALLOWLIST", "Allowlist", SettingTypes.List, (o, v) => o.Allowlist = v, null,
            "who may publish, and nobody else: user ids of tokens, client addresses, CIDR ranges");
    }
}
