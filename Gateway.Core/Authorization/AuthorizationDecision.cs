using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>Allowed, or a typed refusal that the caller can act on.</summary>
public sealed class AuthorizationDecision
{
    private AuthorizationDecision(PublishError? refusal) => Refusal = refusal;

    /// <summary>Null when allowed.</summary>
    public PublishError? Refusal { get; }

    /// <summary>Go ahead.</summary>
    public static AuthorizationDecision Allow { get; } = new(null);

    /// <summary>The credential is missing or bad: UNAUTHENTICATED.</summary>
    public static AuthorizationDecision Unauthenticated(string message) => new(new PublishError(PublishErrorKind.Unauthenticated, message));

    /// <summary>Known, and not allowed: PERMISSION_DENIED. SDKs fetch a new token on it.</summary>
    public static AuthorizationDecision Deny(string message) => new(new PublishError(PublishErrorKind.PermissionDenied, message));

    /// <summary>Over a limit for now: RESOURCE_EXHAUSTED with <c>retry-after</c>.</summary>
    /// <param name="message">Names the limit.</param>
    /// <param name="retryAfter">How long to wait; shown in whole seconds, at least 1.</param>
    public static AuthorizationDecision Limited(string message, TimeSpan retryAfter) =>
        new(new PublishError(PublishErrorKind.ResourceExhausted, message) { RetryAfter = retryAfter });

    /// <summary>This request can never fit, however long the caller waits: INVALID_ARGUMENT, and the text says to split it.</summary>
    public static AuthorizationDecision TooLarge(string message) => new(new PublishError(PublishErrorKind.InvalidArgument, message));
}
