using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Reads and writes the one message of a unary gRPC body.</summary>
/// <remarks>
/// <code>
/// 0  1  compressed: 0 or 1
/// 1  4  length, big-endian
/// 5  …  the message
/// </code>
/// </remarks>
internal static class GrpcFrame
{
    internal const int HeaderSize = 5;

    private static readonly PublishError Cut = new(PublishErrorKind.InvalidArgument, "the request ends within a message");
    private static readonly PublishError Bad = new(PublishErrorKind.InvalidArgument, "the request is not a gRPC message");
    private static readonly PublishError Second = new(PublishErrorKind.Unimplemented, "the method takes one message");

    /// <summary>Reads the message and the end of the body.</summary>
    /// <returns>Whether the message is compressed, or an error.</returns>
    internal static async ValueTask<(bool Compressed, PublishError? Error)> ReadAsync(
        PipeReader body, MessageBuffer into, PublishDeadline deadline)
    {
        var result = await body.ReadAtLeastAsync(HeaderSize).ConfigureAwait(false);
        var (compressed, length, error) = ReadHeader(result.Buffer, into.Limit);
        if (error is not null)
        {
            // Completes the read, since Kestrel has to skip the rest of the body.
            body.AdvanceTo(result.Buffer.End);
            return (false, error);
        }

        var buffer = result.Buffer.Slice(HeaderSize);
        BodyProgress? progress = null;
        try
        {
            while (true)
            {
                var part = buffer.Slice(0, Math.Min(buffer.Length, length - into.Length));
                var full = into.Append(part, (int)length);
                var second = buffer.Length > part.Length;
                body.AdvanceTo(buffer.End);
                if (full is not null) return (false, full);
                if (second) return (false, Second);
                if (result.IsCompleted) return (compressed == 1, into.Length == length ? null : Cut);
                if (progress?.Fault is { } late) return (false, late);
                if (deadline.Remaining == TimeSpan.Zero) return (false, MessageLimit.RequestTooSlow);
                progress = BodyProgress.Update(progress, body, deadline, into.Length);
                result = await body.ReadAsync().ConfigureAwait(false);
                buffer = result.Buffer;
            }
        }
        finally
        {
            progress?.Dispose();
        }
    }

    /// <summary>Writes the header of a message.</summary>
    internal static void WriteHeader(IBufferWriter<byte> output, bool compressed, int length)
    {
        var header = output.GetSpan(HeaderSize);
        header[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
        output.Advance(HeaderSize);
    }

    private static (byte Compressed, uint Length, PublishError? Error) ReadHeader(in ReadOnlySequence<byte> buffer, int limit)
    {
        if (buffer.Length < HeaderSize) return (0, 0, Cut);
        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (header[0] > 1) return (0, 0, Bad);
        return (header[0], length, length > limit ? MessageLimit.TooLarge(limit) : null);
    }
}
