using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Reads the body of a Connect unary call: only the message, plain or gzip.</summary>
internal static class ConnectBody
{
    private static readonly PublishError BadEncoding = new(PublishErrorKind.Unimplemented, "content-encoding must be identity or gzip");

    /// <summary>Reads the message.</summary>
    /// <returns>Null, or an error.</returns>
    internal static async ValueTask<PublishError?> ReadAsync(HttpRequest request, MessageBuffer into, PublishDeadline deadline)
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip"))
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
            return BadEncoding;
        }

        return await ReadBytesAsync(request, into, deadline).ConfigureAwait(false) ?? (encoding == "gzip" ? Gzip.Unpack(into) : null);
    }

    private static async ValueTask<PublishError?> ReadBytesAsync(HttpRequest request, MessageBuffer into, PublishDeadline deadline)
    {
        if (request.ContentLength > into.Limit) return MessageLimit.TooLarge(into.Limit);
        var expected = (int)(request.ContentLength ?? 0);
        var body = request.BodyReader;
        BodyProgress? progress = null;
        try
        {
            while (true)
            {
                var result = await body.ReadAsync().ConfigureAwait(false);
                var full = into.Append(result.Buffer, expected);
                body.AdvanceTo(result.Buffer.End);
                if (full is not null) return full;
                if (result.IsCompleted) return null;
                if (progress?.Fault is { } late) return late;
                if (deadline.Remaining == TimeSpan.Zero) return MessageLimit.RequestTooSlow;
                progress = BodyProgress.Update(progress, body, deadline, into.Length);
            }
        }
        finally
        {
            progress?.Dispose();
        }
    }
}
