using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Reads the body of a Connect unary call: the message alone, whole or gzip.</summary>
internal static class ConnectBody
{
    private static readonly PublishError BadEncoding = new(PublishErrorKind.Unimplemented, "content-encoding must be identity or gzip");

    /// <summary>Reads the message.</summary>
    /// <returns>The message, or an error.</returns>
    internal static async ValueTask<(MessageBuffer Message, PublishError? Error)> ReadAsync(HttpRequest request, PublishDeadline deadline)
    {
        var message = new MessageBuffer();
        if (await ReadAsync(request, message, deadline) is { } error) return (message, error);
        switch (request.Headers.ContentEncoding.ToString())
        {
            case "" or "identity":
                return (message, null);
            case "gzip":
                return (message, Gzip.Unpack(message));
            default:
                request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
                return (message, BadEncoding);
        }
    }

    private static async ValueTask<PublishError?> ReadAsync(HttpRequest request, MessageBuffer into, PublishDeadline deadline)
    {
        if (request.ContentLength > MessageLimit.Bytes) return MessageLimit.RequestTooLarge;
        var expected = (int)(request.ContentLength ?? 0);
        while (true)
        {
            var result = await request.BodyReader.ReadAsync();
            var tooLarge = into.Length + result.Buffer.Length > MessageLimit.Bytes;
            if (!tooLarge) into.Append(result.Buffer, expected);
            request.BodyReader.AdvanceTo(result.Buffer.End);
            if (tooLarge) return MessageLimit.RequestTooLarge;
            if (result.IsCompleted) return null;
            if (deadline.Remaining == TimeSpan.Zero) return MessageLimit.RequestTooSlow;
        }
    }
}
