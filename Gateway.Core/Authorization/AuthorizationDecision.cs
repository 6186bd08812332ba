using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>The decision of an authorizer: allowed, or a typed refusal that the caller can act on.</summary>
public sealed class AuthorizationDecision
{
    private AuthorizationDecision(PublishError? refusal) => Refusal = refusal;

    /// <summary>Null when allowed.</summary>
    public PublishError? Refusal { get; }

    /// <summary>Allows the publish.</summary>
    public static AuthorizationDecision Allow { get; } = new(null);

    /// <summary>The credential is missing or invalid: UNAUTHENTICATED.</summary>
    public static AuthorizationDecision Unauthenticated(string message) => new(new PublishError(PublishErrorKind.Unauthenticated, message));

    /// <summary>The caller is identified but not allowed: PERMISSION_DENIED. SDKs fetch a new token then.</summary>
    public static AuthorizationDecision Deny(string message) => new(new PublishError(PublishErrorKind.PermissionDenied, message));

    /// <summary>Over a limit for now: RESOURCE_EXHAUSTED with <c>retry-after</c>.</summary>
    /// <param name="message">Names the limit.</param>
    /// <param name="retryAfter">How long to wait; shown in whole seconds, at least 1.</param>
    public static AuthorizationDecision Limited(string message, TimeSpan retryAfter) =>
        new(new PublishError(PublishErrorKind.ResourceExhausted, message) { RetryAfter = retryAfter });

    /// <summary>
    /// The request can never fit a limit, however long the caller waits: INVALID_ARGUMENT. The message should say to split it.
    /// </summary>
    public static AuthorizationDecision TooLarge(string message) => new(new PublishError(PublishErrorKind.InvalidArgument, message));
}
