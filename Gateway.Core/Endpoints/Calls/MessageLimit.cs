using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>The largest message, in each direction and after decompression: 25 MiB, as in the original.</summary>
internal static class MessageLimit
{
    /// <summary>25 MiB in bytes.</summary>
    internal const int Bytes = 25 * 1024 * 1024;

    /// <summary>The request is larger.</summary>
    internal static PublishError RequestTooLarge { get; } = TooLarge("the request is larger than 25 MiB (26214400 bytes); split the batch");

    /// <summary>The answer is larger; what was published stays published.</summary>
    internal static PublishError ReplyTooLarge { get; } = TooLarge("the answer is larger than 25 MiB (26214400 bytes); split the batch");

    /// <summary>The deadline passed while the request was still coming.</summary>
    internal static PublishError RequestTooSlow { get; } = new(PublishErrorKind.DeadlineExceeded, "the deadline passed while the request was still coming");

    private static PublishError TooLarge(string message) => new(PublishErrorKind.ResourceExhausted, message) { Reason = "MESSAGE_TOO_LARGE" };
}
