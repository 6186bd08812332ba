namespace Xmtp.Gateway.Publishing;

/// <summary>How a publish can fail; each has one gRPC status.</summary>
public enum PublishErrorKind
{
    /// <summary>The request is wrong and will be wrong again.</summary>
    InvalidArgument,

    /// <summary>No credential, or a bad one.</summary>
    Unauthenticated,

    /// <summary>Known, and not allowed.</summary>
    PermissionDenied,

    /// <summary>Over a limit; <see cref="PublishError.RetryAfter"/> says for how long.</summary>
    ResourceExhausted,

    /// <summary>The network refuses it in its present state, such as an empty payer balance.</summary>
    FailedPrecondition,

    /// <summary>Something that the gateway needs is away; trying again may help.</summary>
    Unavailable,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded,

    /// <summary>The caller left.</summary>
    Cancelled,

    /// <summary>This gateway cannot do it.</summary>
    Unimplemented,

    /// <summary>A fault of the gateway itself; the log knows more.</summary>
    Internal,
}
