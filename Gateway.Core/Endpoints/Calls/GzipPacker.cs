using System.Buffers;
using System.IO.Compression;
using Xmtp.Gateway.Endpoints.Admission;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Compresses what is written to it, and gives up when the first <see cref="SampleSize"/> bytes do not become smaller by an eighth.
/// </summary>
/// <remarks>The compressed form and the space for what is written count in the call's bytes. Not thread-safe.</remarks>
internal sealed class GzipPacker : IBufferWriter<byte>, IDisposable
{
    /// <summary>
    /// After how many bytes the ratio is checked, 16 KiB: that much ciphertext costs a few tenths of a millisecond.
    /// </summary>
    internal const int SampleSize = 16 * 1024;

    // CompressionLevel.Fastest has no codes of its own for a message, and makes base64 no smaller; 2 is the next.
    private static readonly ZLibCompressionOptions Level = new() { CompressionLevel = 2 };

    private readonly CallBytes _bytes;
    private readonly GZipStream _gzip;
    private ReplyBuffer? _packed;
    private byte[] _space = [];
    private long _written;
    private bool _isSampled;
    private bool _pays = true;

    internal GzipPacker(CallBytes bytes)
    {
        _bytes = bytes;
        _packed = new ReplyBuffer(bytes);
        _gzip = new GZipStream(_packed, Level, leaveOpen: true);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_space.Length >= Math.Max(SampleSize, sizeHint)) return _space;
        ReturnSpace();
        _space = BodyBuffers.Rent(Math.Max(SampleSize, sizeHint));
        _bytes.Hold(_space.Length);
        return _space;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        if (!_pays) return;
        _gzip.Write(_space, 0, count);
        _written += count;
        if (_isSampled || _written < SampleSize) return;
        _isSampled = true;
        _gzip.Flush();
        _pays = _packed!.Length <= _written - _written / 8;
    }

    /// <summary>Ends the compression; nothing may be written afterwards.</summary>
    /// <returns>The compressed form, which the caller disposes of; null when it does not pay.</returns>
    internal ReplyBuffer? Finish()
    {
        _gzip.Dispose();
        if (!_pays) return null;
        var packed = _packed;
        _packed = null;
        return packed;
    }

    public void Dispose()
    {
        _gzip.Dispose();
        _packed?.Dispose();
        _packed = null;
        ReturnSpace();
    }

    private void ReturnSpace()
    {
        _bytes.Release(_space.Length);
        BodyBuffers.Return(_space);
        _space = [];
    }
}
