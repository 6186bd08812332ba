namespace Xmtp.Gateway.Authorization;

/// <summary>Who may publish at the payer's cost.</summary>
public sealed class AuthOptions
{
    /// <summary>
    /// Declares that everyone who reaches the gateway may publish, which turns off the warning about it; default no.
    /// </summary>
    public bool AllowAll { get; set; }

    /// <summary>
    /// The only identities that may publish: user ids of tokens, or client addresses and CIDR ranges. Empty, the
    /// default, means no allowlist: everyone is allowed.
    /// </summary>
    public IReadOnlyList<string> Allowlist { get; set; } = [];
}
