namespace Xmtp.Gateway.Authorization;

/// <summary>Who may publish at the payer's cost.</summary>
public sealed class AuthOptions
{
    /// <summary>Says that everyone who reaches the gateway may publish, so that it stops warning about it; default no.</summary>
    public bool AllowAll { get; set; }

    /// <summary>
    /// The only identities that may publish: user ids of tokens, or client addresses and CIDR ranges; empty, the
    /// default, lists nobody and admits all.
    /// </summary>
    public IReadOnlyList<string> Allowlist { get; set; } = [];
}
