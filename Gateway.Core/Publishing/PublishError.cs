namespace Xmtp.Gateway.Publishing;

/// <summary>
/// Why a request or an envelope was not published, with a message for the caller: no upstream address, no key, no token.
/// </summary>
/// <param name="Kind">Determines the status.</param>
/// <param name="Message">The message for the caller; names the field or index at fault, if there is one.</param>
public sealed record PublishError(PublishErrorKind Kind, string Message)
{
    /// <summary>The reason of an envelope that needs the shared store, which does not answer.</summary>
    internal const string StoreUnavailable = "PUBLISH_STORE_UNAVAILABLE";

    /// <summary>How long to wait before the same request may succeed; sent as <c>retry-after</c> and RetryInfo.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A machine-readable code, in ErrorInfo.reason, such as <c>PAYER_BALANCE_EMPTY</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The index of the envelope at fault, from 0; sent in BadRequest as a field violation.</summary>
    public int? EnvelopeIndex { get; init; }

    /// <summary>The field at fault, such as <c>aad.target_topic</c>.</summary>
    public string? Field { get; init; }
}
