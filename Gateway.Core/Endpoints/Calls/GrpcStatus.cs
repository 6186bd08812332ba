using System.Globalization;
using System.Text;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Errors;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Writes an error as a trailers-only response: the status is in the headers, so that proxies and browsers see
/// <c>retry-after</c> too.
/// </summary>
internal static class GrpcStatus
{
    /// <summary>Writes the error.</summary>
    internal static void Write(HttpResponse response, CallStatus status)
    {
        var headers = response.Headers;
        headers.GrpcStatus = ((int)status.Code).ToString(CultureInfo.InvariantCulture);
        headers.GrpcMessage = Encode(status.Message);
        headers["grpc-status-details-bin"] = Convert.ToBase64String(status.Details.ToByteArray()).TrimEnd('=');
        if (status.RetryAfter is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Percent-encodes what a gRPC message may not contain: everything but 0x20 to 0x7E, and the percent sign.
    /// </summary>
    internal static string Encode(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%', StringComparison.Ordinal)) return message;
        var text = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(message))
            if (b is >= 0x20 and <= 0x7E and not (byte)'%') text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        return text.ToString();
    }
}
