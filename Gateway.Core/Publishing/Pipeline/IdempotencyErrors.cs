namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>The errors of an envelope that is not sent because it was published before, or may be.</summary>
internal static class IdempotencyErrors
{
    internal static readonly PublishError StillInFlight = new(
        PublishErrorKind.DeadlineExceeded,
        "an earlier call publishes the same envelope and has not ended in time; it may still be published")
    {
        Reason = "PUBLISH_IN_FLIGHT",
    };

    internal static readonly PublishError StoreUnavailable = new(
        PublishErrorKind.Unavailable,
        "the shared store does not answer, and without it the envelope might be paid for twice; it was not sent")
    {
        Reason = PublishError.StoreUnavailable,
        RetryAfter = TimeSpan.FromSeconds(1),
    };

    internal static readonly PublishError PublishedBefore = new(
        PublishErrorKind.FailedPrecondition,
        "the same envelope was published before, and its answer is no longer kept; it was not sent again")
    {
        Reason = "ALREADY_PUBLISHED",
    };

    internal static readonly PublishError NotRemembered = new(
        PublishErrorKind.Unavailable,
        "the gateway remembers as many published envelopes as it may (--idempotency.max-marks), and a repetition might be paid for "
            + "twice; it was not sent")
    {
        Reason = "NOT_REMEMBERED",
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    internal static readonly PublishError TooManyWait = new(
        PublishErrorKind.ResourceExhausted,
        "too many envelopes of this caller wait for earlier calls that publish the same")
    {
        Reason = "TOO_MANY_WAITING",
        RetryAfter = TimeSpan.FromSeconds(5),
    };
}
