using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>The gateway's own errors, with the messages that callers get.</summary>
internal static class PublishFaults
{
    internal static PublishError CallerLeft { get; } = new(PublishErrorKind.Cancelled, "the caller left");

    internal static PublishError DeadlinePassed { get; } =
        new(PublishErrorKind.DeadlineExceeded, "the deadline passed before the publish was done");

    internal static PublishError NotSigned { get; } =
        new(PublishErrorKind.Unavailable, "the payer's key cannot sign now") { RetryAfter = TimeSpan.FromSeconds(1) };

    internal static PublishError PayerNotStarted { get; } =
        new(PublishErrorKind.Unavailable, "this caller's payer could not be started yet") { RetryAfter = TimeSpan.FromSeconds(1) };

    internal static PublishError Internal { get; } = new(PublishErrorKind.Internal, "internal error; see the gateway's log");

    /// <summary>What a caller gets for an exception: this is the one place that decides, and no text of an exception leaves it.</summary>
    /// <param name="exception">Whatever was thrown.</param>
    /// <param name="callerLeft">Cancelled when the caller left.</param>
    /// <returns><see cref="Internal"/> for what has to be logged.</returns>
    internal static PublishError Of(Exception exception, CancellationToken callerLeft) => exception switch
    {
        OperationCanceledException when callerLeft.IsCancellationRequested => CallerLeft,
        DeadlinePassedException => DeadlinePassed,
        _ => Internal,
    };

    /// <summary>The error of a publish that ended before its result: its caller left, or else this one.</summary>
    /// <param name="error">What it is if the caller waits.</param>
    /// <param name="callerLeft">Cancelled when the caller left.</param>
    internal static PublishError LeftOr(PublishError error, CancellationToken callerLeft) =>
        callerLeft.IsCancellationRequested ? CallerLeft : error;

    internal static PublishError Unidentified(IdentityResult who) =>
        new(who.RetryAfter is null ? PublishErrorKind.Unauthenticated : PublishErrorKind.Unavailable, who.Refusal ?? "no identity")
        {
            RetryAfter = who.RetryAfter,
        };

    internal static PublishError Envelope(EnvelopeFault fault) => new(PublishErrorKind.InvalidArgument, fault.ToString())
    {
        EnvelopeIndex = fault.Index < 0 ? null : fault.Index,
        Field = fault.Field,
    };
}
