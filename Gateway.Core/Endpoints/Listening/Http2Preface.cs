using System.Buffers;
using System.IO.Pipelines;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>Detects a prior-knowledge HTTP/2 connection by its first bytes, without consuming them.</summary>
/// <remarks>
/// <code>
/// HTTP/2 (RFC 9113 §3.4): "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", before anything else
/// HTTP/1.1:               a method; none begins with "PRI *"
/// </code>
/// The first line is enough to detect HTTP/2; the first byte that differs is enough to rule it out.
/// </remarks>
internal static class Http2Preface
{
    private static ReadOnlySpan<byte> FirstLine => "PRI * HTTP/2.0\r\n"u8;

    /// <summary>Waits for enough bytes to decide.</summary>
    /// <returns>True for HTTP/2, false for anything else, null when the peer left before.</returns>
    internal static async ValueTask<bool?> DetectAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var examined = 0L;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            var isHttp2 = Match(buffer);
            if (isHttp2 is not null || result.IsCompleted)
            {
                // The next reader must get these bytes at once, so as little as possible counts as examined; but a pipe
                // does not allow to go back before what was examined earlier.
                input.AdvanceTo(buffer.Start, buffer.GetPosition(examined));
                return isHttp2 ?? (buffer.IsEmpty ? null : false);
            }

            examined = buffer.Length;
            input.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool? Match(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> head = stackalloc byte[16];
        var length = (int)Math.Min(buffer.Length, FirstLine.Length);
        buffer.Slice(0, length).CopyTo(head);
        if (!head[..length].SequenceEqual(FirstLine[..length])) return false;
        return length == FirstLine.Length ? true : null;
    }
}
