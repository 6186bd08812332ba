using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Unpacks a request's message, up to the buffer's limit and the bytes that the caller may hold: a gzip bomb costs no
/// more than a message of the max size.
/// </summary>
internal static class Gzip
{
    // A header of ten bytes, the shortest content of two, the checksum and the size.
    private const int MinSize = 20;

    private static readonly PublishError Broken = new(PublishErrorKind.InvalidArgument, "the message is not valid gzip");

    /// <summary>Replaces the compressed form by the message.</summary>
    /// <returns>Null, or the error.</returns>
    internal static PublishError? Unpack(MessageBuffer message)
    {
        var unpacked = message.Another();
        var error = Unpack(message.Written, unpacked);
        message.TakeOver(unpacked);
        return error;
    }

    private static PublishError? Unpack(ReadOnlyMemory<byte> packed, MessageBuffer into)
    {
        if (!MemoryMarshal.TryGetArray(packed, out var segment)) throw new ArgumentException("An array is expected.", nameof(packed));
        using var source = new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        try
        {
            while (true)
            {
                if (into.GetFree(1, into.Limit + 1, out var free) is { } full) return full;
                var read = gzip.Read(free.Span);
                if (read == 0) return IsWhole(packed.Span, into.Length) ? null : Broken;
                into.Advance(read);
                if (into.Length > into.Limit) return MessageLimit.TooLarge(into.Limit);
            }
        }
        catch (InvalidDataException)
        {
            return Broken;
        }
    }

    // The stream reports no error when its input ends early. The last four bytes are the size; some clients pack nothing as nothing.
    private static bool IsWhole(ReadOnlySpan<byte> packed, int size) => packed.Length < MinSize
        ? packed.IsEmpty
        : BinaryPrimitives.ReadUInt32LittleEndian(packed[^sizeof(uint)..]) == (uint)size;
}
