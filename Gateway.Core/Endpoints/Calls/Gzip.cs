using System.IO.Compression;
using System.Runtime.InteropServices;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Unpacks a request's message, up to <see cref="MessageLimit"/>: a bomb costs no more than a message of the largest size.</summary>
internal static class Gzip
{
    private static readonly PublishError Broken = new(PublishErrorKind.InvalidArgument, "the message is not valid gzip");

    /// <summary>Puts the message in place of its compressed form.</summary>
    /// <returns>Null, or why not.</returns>
    internal static PublishError? Unpack(MessageBuffer message)
    {
        var unpacked = new MessageBuffer();
        var error = Unpack(message.Written, unpacked);
        message.TakeOver(unpacked);
        return error;
    }

    private static PublishError? Unpack(ReadOnlyMemory<byte> packed, MessageBuffer into)
    {
        if (!MemoryMarshal.TryGetArray(packed, out var segment)) throw new ArgumentException("A pooled array is expected.", nameof(packed));
        using var source = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        try
        {
            while (true)
            {
                var read = gzip.Read(into.GetFree(MessageLimit.Bytes).Span);
                if (read == 0) return null;
                into.Advance(read);
                if (into.Length > MessageLimit.Bytes) return MessageLimit.RequestTooLarge;
            }
        }
        catch (InvalidDataException)
        {
            return Broken;
        }
    }
}
