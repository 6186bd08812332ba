namespace Xmtp.Gateway.Identity;

/// <summary>An identity, or the reason why there is none.</summary>
public sealed class IdentityResult
{
    private IdentityResult(ClientIdentity? identity, string? refusal) => (Identity, Refusal) = (identity, refusal);

    /// <summary>The identity; null when the call is refused as UNAUTHENTICATED.</summary>
    public ClientIdentity? Identity { get; }

    /// <summary>The text for the caller when there is no identity. It never repeats a token.</summary>
    public string? Refusal { get; }

    /// <summary>The caller is known.</summary>
    public static IdentityResult Known(ClientIdentity identity) => new(identity, null);

    /// <summary>No credential, or a bad one: UNAUTHENTICATED.</summary>
    public static IdentityResult Unauthenticated(string message) => new(null, message);
}
