using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.AppChain;

/// <summary>The errors of the App Chain that callers get. The chain's own messages go to the log.</summary>
internal static class AppChainErrors
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Later = TimeSpan.FromSeconds(30);

    internal static PublishError TooLarge(int index, int size, long bound) => WrongSize(index, size, $"at most {bound}");

    internal static PublishError TooSmall(int index, int size, long bound) => WrongSize(index, size, $"at least {bound}");

    internal static PublishError Paused(string contract) =>
        new(PublishErrorKind.Unavailable, $"{contract} is paused on the App Chain") { Reason = "APP_CHAIN_PAUSED", RetryAfter = Later };

    internal static PublishError Reverted(string words) =>
        new(PublishErrorKind.FailedPrecondition, $"the App Chain refused the envelope: {words}") { Reason = "APP_CHAIN_REVERTED" };

    internal static PublishError NotPublished { get; } =
        new(PublishErrorKind.Unavailable, "the App Chain did not take the envelope")
        {
            Reason = "APP_CHAIN_UNAVAILABLE",
            RetryAfter = Soon,
        };

    internal static PublishError NotTaken { get; } =
        new(
            PublishErrorKind.Unavailable,
            "the App Chain's endpoint has not accepted the envelope yet; the gateway keeps sending it, and a retry of the same " +
                "envelope waits for its answer")
        {
            Reason = "APP_CHAIN_NOT_TAKEN",
            RetryAfter = Soon,
        };

    internal static PublishError NoFunds { get; } =
        new(PublishErrorKind.Unavailable, "the gateway cannot pay for the App Chain now")
        {
            Reason = "APP_CHAIN_FUNDS_EMPTY",
            RetryAfter = Later,
        };

    internal static PublishError TimedOut { get; } =
        new(PublishErrorKind.DeadlineExceeded, "the deadline passed before the envelope was sent to the App Chain")
        {
            Reason = "APP_CHAIN_NOT_SENT",
        };

    internal static PublishError InDoubt { get; } =
        new(
            PublishErrorKind.DeadlineExceeded,
            "the envelope was sent to the App Chain and not confirmed in time; it may still be published")
        {
            Reason = "APP_CHAIN_IN_DOUBT",
        };

    /// <summary>The nonce store does not answer; the envelope was not sent.</summary>
    internal static PublishError StoreUnavailable { get; } =
        new(
            PublishErrorKind.Unavailable,
            "the shared store does not answer, and no nonce can be reserved without it; the envelope was not sent")
        {
            Reason = PublishError.StoreUnavailable,
            RetryAfter = Soon,
        };

    /// <summary>
    /// The nonce store became unavailable while the transaction was stored: a process that takes over the nonce may send it.
    /// </summary>
    internal static PublishError StoreUnavailableInDoubt { get; } =
        new(
            PublishErrorKind.Unavailable,
            "the shared store became unavailable while the envelope's transaction was stored; it may still be published, and a " +
                "retry returns that answer")
        {
            Reason = PublishError.StoreUnavailable,
            RetryAfter = Soon,
        };

    internal static PublishError NoEvent { get; } =
        new(PublishErrorKind.Internal, "the App Chain published the envelope without returning its sequence id");

    private static PublishError WrongSize(int index, int size, string bound) =>
        new(PublishErrorKind.InvalidArgument, $"envelopes[{index}] is {size} bytes; the App Chain takes {bound}")
        {
            EnvelopeIndex = index,
            Reason = "APP_CHAIN_PAYLOAD_SIZE",
        };
}
