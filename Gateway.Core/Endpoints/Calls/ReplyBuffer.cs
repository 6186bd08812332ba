using System.Buffers;
using System.IO.Pipelines;
using Xmtp.Gateway.Endpoints.Admission;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// A response that has to be complete before its first byte is sent: JSON in a gRPC frame, which begins with the length,
/// and everything that is compressed.
/// </summary>
/// <param name="bytes">
/// The call's bytes: the arrays count in them while they are held, and are never refused, since a publish is paid for.
/// </param>
/// <remarks>It is kept in arrays of 4 to 64 KiB, larger ones only where a writer asks for more at once. Not thread-safe.</remarks>
internal sealed class ReplyBuffer(CallBytes bytes) : Stream, IBufferWriter<byte>
{
    private const int FirstPart = 4 * 1024;
    private const int MaxPart = 64 * 1024;
    private readonly List<ArraySegment<byte>> _full = [];
    private byte[] _part = [];
    private int _used;
    private long _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    /// <summary>The number of bytes written.</summary>
    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_part.Length - _used < Math.Max(1, sizeHint)) Begin(Math.Max(sizeHint, Math.Clamp(2 * _part.Length, FirstPart, MaxPart)));
        return _part.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        _used += count;
        _length += count;
    }

    public override void Write(ReadOnlySpan<byte> buffer) => BuffersExtensions.Write(this, buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is behind it.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>
    /// Writes all to the connection, waits in between while the caller has not received what was written, and returns each
    /// array once it is written. The buffer is empty afterwards.
    /// </summary>
    internal async ValueTask WriteInPartsAsync(PipeWriter output)
    {
        End();
        var waiting = 0;
        for (var i = 0; i < _full.Count; i++)
        {
            output.Write((ReadOnlySpan<byte>)_full[i]);
            waiting += _full[i].Count;
            Return(i);
            if (waiting < Reply.WholeUpTo) continue;
            await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            waiting = 0;
        }

        // Kestrel does not send what is written after a flush until the next one, over HTTP/1.1 with a content length.
        await output.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        _full.Clear();
        _length = 0;
    }

    protected override void Dispose(bool disposing)
    {
        End();
        for (var i = 0; i < _full.Count; i++) Return(i);
        _full.Clear();
        base.Dispose(disposing);
    }

    private void Begin(int size)
    {
        End();
        _part = BodyBuffers.Rent(size);
        bytes.Hold(_part.Length);
    }

    private void End()
    {
        if (_part.Length > 0) _full.Add(new ArraySegment<byte>(_part, 0, _used));
        _part = [];
        _used = 0;
    }

    private void Return(int index)
    {
        if (_full[index].Array is not { } array) return;
        _full[index] = default;
        bytes.Release(array.Length);
        BodyBuffers.Return(array);
    }
}
