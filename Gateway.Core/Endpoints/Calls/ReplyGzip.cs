using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Methods;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Decides which responses are compressed, for every protocol, and compresses them. Errors never are.</summary>
internal static class ReplyGzip
{
    /// <summary>The min size of a response that is compressed, in its protobuf form: 16 KiB in bytes.</summary>
    /// <remarks>
    /// Many gRPC clients offer gzip in each call (Grpc.Net.Client by default), and browsers do in each Connect call. The
    /// answer to one published message has about 1.5 KB: compressing it would cost processor time in every publish, and save
    /// at most one packet. Larger answers are those of batches. Originators' envelopes are mostly ciphertext, which does not
    /// become smaller, so <see cref="GzipPacker"/> checks the ratio first. JSON has it in base64, and loses a quarter.
    /// </remarks>
    internal const int MinBytes = 16 * 1024;

    /// <summary>Compresses a response if it is large enough, the caller takes gzip, and it becomes smaller by it.</summary>
    /// <param name="reply">The response; it must have no error.</param>
    /// <param name="method">The method that it is of.</param>
    /// <param name="json">Whether it is sent as JSON.</param>
    /// <param name="headers">The headers of the request.</param>
    /// <param name="offer">The name of the header that lists what the caller takes; not looked up for a small response.</param>
    /// <param name="bytes">The call's bytes.</param>
    /// <returns>The compressed form, which the caller disposes of; null when the response is to be sent as it is.</returns>
    internal static ReplyBuffer? Pack(
        in Reply reply, IUnaryMethod method, bool json, IHeaderDictionary headers, string offer, CallBytes bytes)
    {
        if (reply.Size < MinBytes || !IsOffered(headers[offer])) return null;
        using var packer = new GzipPacker(bytes);
        if (json) JsonReply.WriteTo(packer, reply, method);
        else reply.WriteTo(packer);
        return packer.Finish();
    }

    /// <summary>Whether a list of codings, such as <c>br, gzip;q=0.5</c>, has gzip with a weight above zero.</summary>
    internal static bool IsOffered(in StringValues codings)
    {
        for (var i = 0; i < codings.Count; i++)
        {
            var list = codings[i].AsSpan();
            foreach (var range in list.Split(','))
            {
                var coding = list[range].Trim();
                var parameters = coding.IndexOf(';');
                var name = parameters < 0 ? coding : coding[..parameters].TrimEnd();
                if (name.Equals("gzip", StringComparison.OrdinalIgnoreCase)) return parameters < 0 || !IsZero(coding[(parameters + 1)..]);
            }
        }

        return false;
    }

    private static bool IsZero(ReadOnlySpan<char> parameter) =>
        double.TryParse(
            parameter[(parameter.IndexOf('=') + 1)..].Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var weight)
            && weight <= 0;
}
