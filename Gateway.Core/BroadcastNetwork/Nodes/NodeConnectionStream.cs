using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The bytes of one HTTP/2 connection to a node, as <see cref="SocketsHttpHandler"/> reads and writes them; tells when the connection ends.</summary>
/// <param name="inner">The connection, after TLS.</param>
/// <param name="watch">Is told.</param>
internal sealed class NodeConnectionStream(Stream inner, INodeConnectionWatch watch) : Stream
{
    private readonly Http2ResponseFrames frames = new();
    private int goAwaysTold;
    private bool endTold;

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
        // The handler comes back when it has heeded all that it read, so that no call is begun on this connection any more.
        TellGoAway();
        var count = 0;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
            frames.Pass(buffer.Span[..count]);
            return count;
        }
        finally
        {
            if (count == 0 && !buffer.IsEmpty) TellEnd();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("HTTP/2 reads asynchronously");

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        TellGoAway();
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            TellGoAway();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void TellGoAway()
    {
        if (frames.GoAways == goAwaysTold) return;
        goAwaysTold = frames.GoAways;
        watch.GoesAway();
    }

    private void TellEnd()
    {
        if (endTold) return;
        endTold = true;
        watch.Ended(frames.HasAnswered);
    }
}

/// <summary>Is told what becomes of the connections of a channel. Thread-safe, returns at once.</summary>
internal interface INodeConnectionWatch
{
    /// <summary>The node takes no more calls on a connection (GOAWAY).</summary>
    void GoesAway();

    /// <summary>The node, or the network, ended a connection; told before the calls on it fail.</summary>
    /// <param name="hadAnswered">Whether a call had been answered on it.</param>
    void Ended(bool hadAnswered);
}
