namespace Xmtp.Gateway.Publishing;

/// <summary>Why a request or an envelope was not published, in words meant for the caller: no upstream address, no key, no token.</summary>
/// <param name="Kind">Decides the status.</param>
/// <param name="Message">For the caller; it names the field or the index where one is at fault.</param>
public sealed record PublishError(PublishErrorKind Kind, string Message)
{
    /// <summary>How long to wait before the same request may succeed; sent as <c>retry-after</c> and RetryInfo.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A word for programs, in ErrorInfo.reason, such as <c>PAYER_BALANCE_EMPTY</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>The envelope at fault, from 0; sent in BadRequest as a field violation.</summary>
    public int? EnvelopeIndex { get; init; }

    /// <summary>The field at fault, such as <c>aad.target_topic</c>.</summary>
    public string? Field { get; init; }
}
