namespace Xmtp.Gateway.Publishing;

/// <summary>How a publish can fail; each has one gRPC status.</summary>
public enum PublishErrorKind
{
    /// <summary>The request is invalid; a retry fails again.</summary>
    InvalidArgument,

    /// <summary>The credential is missing or invalid.</summary>
    Unauthenticated,

    /// <summary>The caller is identified but not allowed.</summary>
    PermissionDenied,

    /// <summary>Over a limit; <see cref="PublishError.RetryAfter"/> is the time to wait.</summary>
    ResourceExhausted,

    /// <summary>The network refuses it in its present state, such as an empty payer balance.</summary>
    FailedPrecondition,

    /// <summary>A dependency of the gateway is unavailable; a retry may succeed.</summary>
    Unavailable,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The caller left.</summary>
    Cancelled,

    /// <summary>This gateway does not support it.</summary>
    Unimplemented,

    /// <summary>A fault of the gateway itself; see its log.</summary>
    Internal,

    /// <summary>What the request names does not exist.</summary>
    NotFound,
}
