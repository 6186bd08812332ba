using Xmtp.Gateway.Identity.Jwt;

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

    /// <summary>The message for the caller when there is no identity. It never contains a token.</summary>
    public string? Refusal { get; }

    /// <summary>What the caller's token says; null without a token, and where nobody asks.</summary>
    internal VerifiedToken? Token { get; init; }

    /// <summary>How long to wait when no caller can be identified at present; null when the fault is the caller's.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The caller is identified.</summary>
    public static IdentityResult Known(ClientIdentity identity) => new(identity, null);

    /// <summary>The caller is identified by a token.</summary>
    internal static IdentityResult Known(ClientIdentity identity, VerifiedToken? token) => new(identity, null) { Token = token };

    /// <summary>The credential is missing or invalid: UNAUTHENTICATED.</summary>
    public static IdentityResult Unauthenticated(string message) => new(null, message);

    /// <summary>
    /// Identities cannot be verified at present, through no fault of the caller: UNAVAILABLE with <c>retry-after</c>.
    /// </summary>
    public static IdentityResult Unavailable(string message, TimeSpan retryAfter) => new(null, message, retryAfter);
}
