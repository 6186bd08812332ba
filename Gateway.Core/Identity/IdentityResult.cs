namespace Xmtp.Gateway.Identity;

/// <summary>An identity, or the reason why there is none.</summary>
public sealed class IdentityResult
{
    private IdentityResult(ClientIdentity? identity, string? refusal, TimeSpan? retryAfter = null)
    {
        Identity = identity;
        Refusal = refusal;
        RetryAfter = retryAfter;
    }

    /// <summary>The identity; null when the call is refused.</summary>
    public ClientIdentity? Identity { get; }

    /// <summary>The text for the caller when there is no identity. It never repeats a token.</summary>
    public string? Refusal { get; }

    /// <summary>When nobody can be identified for now, how long to wait; null when the fault is the caller's.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The caller is known.</summary>
    public static IdentityResult Known(ClientIdentity identity) => new(identity, null);

    /// <summary>No credential, or a bad one: UNAUTHENTICATED.</summary>
    public static IdentityResult Unauthenticated(string message) => new(null, message);

    /// <summary>What identities are checked with is away, so nobody's fault but ours: UNAVAILABLE with <c>retry-after</c>.</summary>
    public static IdentityResult Unavailable(string message, TimeSpan retryAfter) => new(null, message, retryAfter);
}
