using System.Buffers;
using System.IO.Pipelines;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>Tells a prior-knowledge HTTP/2 connection by its first bytes, and leaves them where they are.</summary>
/// <remarks>
/// <code>
/// HTTP/2 (RFC 9113 §3.4): "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", before anything else
/// HTTP/1.1:               a method; none begins with "PRI *"
/// </code>
/// The first line is enough to tell; the first byte that differs is enough to tell that it is not.
/// </remarks>
internal static class Http2Preface
{
    private static ReadOnlySpan<byte> FirstLine => "PRI * HTTP/2.0\r\n"u8;

    /// <summary>Waits for enough bytes to tell.</summary>
    /// <returns>True for HTTP/2, false for anything else, null when the peer left before it could be told.</returns>
    internal static async ValueTask<bool?> DetectAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var examined = 0L;
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = result.Buffer;
            var verdict = Match(buffer);
            if (verdict is not null || result.IsCompleted)
            {
                // The next reader must get these bytes at once, so as little as possible counts as examined; but a pipe
                // refuses to go back behind what was examined before.
                input.AdvanceTo(buffer.Start, buffer.GetPosition(examined));
                return verdict ?? (buffer.IsEmpty ? null : false);
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
