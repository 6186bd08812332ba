namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>Bytes that arrive in parts of a size, each at once.</summary>
internal sealed class PartStream(byte[] bytes, int size) : MemoryStream(bytes, writable: false)
{
    // The other forms call this one.
    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Read(buffer, offset, count));
}
