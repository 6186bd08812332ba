using System.Buffers.Binary;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Watches the frames that a node sends on one HTTP/2 connection, for what <see cref="SocketsHttpHandler"/> keeps to itself.</summary>
/// <remarks>
/// <code>
/// 0  3  length of the payload, big-endian
/// 3  1  type: 1 HEADERS, 4 SETTINGS, 7 GOAWAY
/// 4  1  flags
/// 5  4  stream, 0 for the connection
/// 9  …  payload; of GOAWAY: last stream (4), error code (4), text
/// </code>
/// <para>The handler ends the calls above GOAWAY's last stream with an <see cref="HttpProtocolException"/> that holds
/// GOAWAY's error code, most often NO_ERROR, and nothing tells it from the reset of a stream that was processed. So the
/// code is overwritten here with REFUSED_STREAM, which in HTTP/2 says exactly what is true of those calls: they were not
/// processed. The handler uses the code for nothing else.</para>
/// <para>It is left as it is where GOAWAY cannot be believed: before SETTINGS, or with a last stream below one that was
/// answered. Not thread-safe: a connection has one reader.</para>
/// </remarks>
internal sealed class Http2ResponseFrames
{
    private const int HeaderSize = 9;
    private const byte Headers = 1, Settings = 4, GoAway = 7;
    private const byte RefusedStream = 7;

    private readonly byte[] header = new byte[HeaderSize];
    private int headerLength;
    private byte type;
    private int position;
    private int left;
    private uint lastStream;
    private bool hasSettings;
    private uint highestAnswered;

    /// <summary>Whether a call on this connection was answered.</summary>
    internal bool HasAnswered => highestAnswered > 0;

    /// <summary>How many GOAWAY frames there were.</summary>
    internal int GoAways { get; private set; }

    /// <summary>Looks at the next bytes of the connection, however they are cut.</summary>
    internal void Pass(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = headerLength < HeaderSize ? ReadHeader(bytes) : ReadPayload(bytes);
            bytes = bytes[part..];
            if (headerLength == HeaderSize && left == 0) End();
        }
    }

    private int ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var part = Math.Min(HeaderSize - headerLength, bytes.Length);
        bytes[..part].CopyTo(header.AsSpan(headerLength));
        headerLength += part;
        if (headerLength < HeaderSize) return part;

        left = (int)(BinaryPrimitives.ReadUInt32BigEndian(header) >> 8);
        (type, position, lastStream) = (header[3], 0, 0);
        if (type == Headers) highestAnswered = Math.Max(highestAnswered, BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(5)));
        return part;
    }

    private int ReadPayload(Span<byte> bytes)
    {
        var part = bytes[..Math.Min(left, bytes.Length)];
        if (type == GoAway) Rewrite(part);
        position += part.Length;
        left -= part.Length;
        return part.Length;
    }

    private void Rewrite(Span<byte> payload)
    {
        for (var i = 0; i < payload.Length && position + i < 8; i++)
        {
            var at = position + i;
            if (at < 4) lastStream = (lastStream << 8) | payload[i];
            else if (hasSettings && (lastStream & int.MaxValue) >= highestAnswered) payload[i] = at == 7 ? RefusedStream : (byte)0;
        }
    }

    private void End()
    {
        hasSettings |= type == Settings;
        if (type == GoAway) GoAways++;
        headerLength = 0;
    }
}
