using System.Globalization;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>The max size of a message, in each direction and after decompression: 25 MiB, as in the original gateway.</summary>
internal static class MessageLimit
{
    /// <summary>25 MiB in bytes.</summary>
    internal const int Bytes = 25 * 1024 * 1024;

    /// <summary>The max request of a method without arguments: 64 KiB in bytes.</summary>
    internal const int SmallBytes = 64 * 1024;

    private static readonly PublishError RequestTooLarge = Refusal("the request is larger than 25 MiB (26214400 bytes); split the batch");

    /// <summary>The response is larger; what was published stays published.</summary>
    internal static PublishError ReplyTooLarge { get; } = Refusal("the answer is larger than 25 MiB (26214400 bytes); split the batch");

    /// <summary>The deadline passed while the request was still arriving.</summary>
    internal static PublishError RequestTooSlow { get; } =
        new(PublishErrorKind.DeadlineExceeded, "the deadline passed while the request was being received");

    /// <summary>The request arrives so slowly that it would hold memory that others need.</summary>
    internal static PublishError RequestStalled { get; } = new(PublishErrorKind.DeadlineExceeded, "the request arrives too slowly");

    /// <summary>The request is larger than <paramref name="limit"/>.</summary>
    internal static PublishError TooLarge(int limit) => limit == Bytes ? RequestTooLarge
        : Refusal(string.Create(CultureInfo.InvariantCulture, $"the request is larger than {limit} bytes, and the method needs none"));

    private static PublishError Refusal(
        string message) => new(PublishErrorKind.ResourceExhausted, message) { Reason = "MESSAGE_TOO_LARGE" };
}
