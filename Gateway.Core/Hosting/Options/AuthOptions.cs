namespace Xmtp.Gateway.Hosting.Options;

/// <summary>Who may publish at the payer's cost.</summary>
public sealed class AuthOptions
{
    /// <summary>Says that everyone who reaches the gateway may publish, so that it stops warning about it; default no.</summary>
    public bool AllowAll { get; set; }
}
