using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The body of a PublishPayerEnvelopes call: one gRPC message, written to the connection in one piece.</summary>
/// <remarks>
/// <code>
/// 0  1  compressed: 0
/// 1  4  length, big-endian
/// 5  …  PublishPayerEnvelopesRequest
/// </code>
/// </remarks>
internal sealed class NodePublishContent : HttpContent
{
    /// <summary>The size of the header of a gRPC message, in bytes.</summary>
    internal const int HeaderSize = 5;

    private readonly INodeMessage _message;

    internal NodePublishContent(INodeMessage message)
    {
        _message = message;
        Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var frame = new PooledWriter(HeaderSize + _message.Size);
        try
        {
            frame.Advance(HeaderSize);
            _message.WriteTo(frame);
            WriteHeader(frame.Header, frame.Written.Length - HeaderSize);
            await stream.WriteAsync(frame.Written, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            frame.Return();
        }
    }

    // Unknown, as in other gRPC clients: a length would be one more header to write, read and check.
    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    private static void WriteHeader(Span<byte> header, int size)
    {
        header[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], size);
    }

    /// <summary>A pooled array of known size, with the slack that users of <see cref="IBufferWriter{T}"/> request.</summary>
    private sealed class PooledWriter(int size) : IBufferWriter<byte>
    {
        private const int Slack = 128;
        private readonly byte[] _array = ArrayPool<byte>.Shared.Rent(size + Slack);
        private int _length;

        internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, _length);

        internal Span<byte> Header => _array.AsSpan(0, HeaderSize);

        public void Advance(int count) => _length += count;

        public Memory<byte> GetMemory(int sizeHint = 0) => _array.AsMemory(_length);

        public Span<byte> GetSpan(int sizeHint = 0) => _array.AsSpan(_length);

        internal void Return() => ArrayPool<byte>.Shared.Return(_array);
    }
}
