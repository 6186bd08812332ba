using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// The byte stream of one HTTP/2 connection to a node, as <see cref="SocketsHttpHandler"/> reads and writes it.
/// </summary>
/// <param name="inner">The connection, after TLS.</param>
/// <param name="goesUnavailable">
/// Called when the node accepts no more calls on it (GOAWAY). Must return at once. Null for no callback.
/// </param>
/// <remarks>
/// The end of the connection is reported as a <see cref="NodeConnectionEnd"/>, which the exceptions of the calls that
/// were running on it contain.
/// </remarks>
internal sealed class NodeConnectionStream(Stream inner, Action? goesUnavailable) : Stream
{
    private readonly Http2ResponseFrames _frames = new();
    private int _goUnavailablesTold;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The handler reads again only after it has handled all earlier bytes, so no call starts on this connection any more.
        ReportGoAway();
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0 && !buffer.IsEmpty) throw new NodeConnectionEnd("the node ended the connection", _frames.HasAnswered, null);
            _frames.Pass(buffer.Span[..count]);
            return count;
        }
        catch (IOException exception) when (exception is not NodeConnectionEnd)
        {
            throw new NodeConnectionEnd(exception.Message, _frames.HasAnswered, exception);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("HTTP/2 reads asynchronously");

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new NodeConnectionEnd(exception.Message, _frames.HasAnswered, exception);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        ReportGoAway();
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            ReportGoAway();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ReportGoAway()
    {
        if (_frames.GoAways == _goUnavailablesTold) return;
        _goUnavailablesTold = _frames.GoAways;
        goesUnavailable?.Invoke();
    }
}

/// <summary>The node or the network ended a connection.</summary>
/// <param name="message">How it ended.</param>
/// <param name="hadAnswered">Whether a call had been answered on it before.</param>
/// <param name="inner">The network's exception; null when the connection was closed in order.</param>
internal sealed class NodeConnectionEnd(string message, bool hadAnswered, Exception? inner) : IOException(message, inner)
{
    /// <summary>Whether a call had been answered on it before.</summary>
    internal bool HadAnswered { get; } = hadAnswered;
}
