using System.Buffers.Binary;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Inspects the frames that a node sends on one HTTP/2 connection, for what <see cref="SocketsHttpHandler"/> does not
/// expose.
/// </summary>
/// <remarks>
/// <code>
/// 0  3  length of the payload, big-endian
/// 3  1  type: 1 HEADERS, 4 SETTINGS, 7 GOAWAY
/// 4  1  flags
/// 5  4  stream, 0 for the connection
/// 9  …  payload; of GOAWAY: last stream (4), error code (4), text
/// </code>
/// <para>The handler ends the calls above GOAWAY's last stream with an <see cref="HttpProtocolException"/> that has
/// GOAWAY's error code, most often NO_ERROR, which cannot be told from the reset of a stream that was processed. The
/// code is therefore overwritten here with REFUSED_STREAM, which in HTTP/2 means exactly what is true of those calls:
/// they were not processed. The handler uses the code for nothing else.</para>
/// <para>The code is kept when GOAWAY cannot be trusted: before SETTINGS, or with a last stream below one that was
/// answered. Not thread-safe: a connection has one reader.</para>
/// </remarks>
internal sealed class Http2ResponseFrames
{
    private const int HeaderSize = 9;
    private const byte Headers = 1, Settings = 4, GoAway = 7;
    private const byte RefusedStream = 7;

    private readonly byte[] _header = new byte[HeaderSize];
    private int _headerLength;
    private byte _type;
    private int _position;
    private int _left;
    private uint _lastStream;
    private bool _hasSettings;
    private uint _highestAnswered;

    /// <summary>Whether a call on this connection was answered.</summary>
    internal bool HasAnswered => _highestAnswered > 0;

    /// <summary>How many GOAWAY frames there were.</summary>
    internal int GoAways { get; private set; }

    /// <summary>Inspects the next bytes of the connection, in chunks of any size.</summary>
    internal void Pass(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var part = _headerLength < HeaderSize ? ReadHeader(bytes) : ReadPayload(bytes);
            bytes = bytes[part..];
            if (_headerLength == HeaderSize && _left == 0) End();
        }
    }

    private int ReadHeader(ReadOnlySpan<byte> bytes)
    {
        var part = Math.Min(HeaderSize - _headerLength, bytes.Length);
        bytes[..part].CopyTo(_header.AsSpan(_headerLength));
        _headerLength += part;
        if (_headerLength < HeaderSize) return part;

        _left = (int)(BinaryPrimitives.ReadUInt32BigEndian(_header) >> 8);
        _type = _header[3];
        _position = 0;
        _lastStream = 0;
        // The highest bit of a stream is reserved, and ignored.
        var stream = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(5)) & int.MaxValue;
        if (_type == Headers) _highestAnswered = Math.Max(_highestAnswered, stream);
        return part;
    }

    private int ReadPayload(Span<byte> bytes)
    {
        var part = bytes[..Math.Min(_left, bytes.Length)];
        if (_type == GoAway) Rewrite(part);
        _position += part.Length;
        _left -= part.Length;
        return part.Length;
    }

    private void Rewrite(Span<byte> payload)
    {
        for (var i = 0; i < payload.Length && _position + i < 8; i++)
        {
            var at = _position + i;
            if (at < 4) _lastStream = (_lastStream << 8) | payload[i];
            else if (_hasSettings && (_lastStream & int.MaxValue) >= _highestAnswered) payload[i] = at == 7 ? RefusedStream : (byte)0;
        }
    }

    private void End()
    {
        _hasSettings |= _type == Settings;
        if (_type == GoAway) GoAways++;
        _headerLength = 0;
    }
}
