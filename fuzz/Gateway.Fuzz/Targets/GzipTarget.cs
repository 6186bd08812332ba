using System.Buffers.Binary;
using System.IO.Compression;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// What is unpacked is whole: its size is the one at the end of the input. What would be larger than a message may
/// be is refused, at no more cost than that.
/// </summary>
public sealed class GzipTarget : IFuzzTarget
{
    private const int TrailerSize = 8;

    public string Name => "gzip";

    public string Summary => "a compressed message, compared with the size at its end";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("fixed-codes", Pack(Bytes.Counted(20), CompressionLevel.Fastest)),
        ("stored", Pack(Bytes.Counted(20), CompressionLevel.NoCompression)),
        ("repeated", Pack([.. Enumerable.Repeat(Bytes.Counted(50), 20).SelectMany(part => part)], CompressionLevel.SmallestSize)),
        ("empty", Pack([], CompressionLevel.Fastest)),
        ("cut", Pack(Bytes.Counted(200), CompressionLevel.Fastest)[..^TrailerSize]),
        ("bomb", Pack(new byte[CallMemory.MaxMessage * 8], CompressionLevel.SmallestSize)),
        ("largest", Pack(new byte[CallMemory.MaxMessage], CompressionLevel.SmallestSize)),
    ];

    public void Run(byte[] input)
    {
        using var memory = CallMemory.Of(input);
        var error = Gzip.Unpack(memory.Message);
        if (error is not null)
        {
            Expect.That(error.Kind is PublishErrorKind.InvalidArgument or PublishErrorKind.ResourceExhausted, "the kind of the error");
            return;
        }

        var message = memory.Message.Written.Span;
        Expect.That(message.Length <= CallMemory.MaxMessage, "the message is larger than it may be");
        // Some clients compress nothing to nothing.
        if (input.Length == 0 && message.Length == 0) return;
        Expect.That(input.Length > TrailerSize, "it has no checksum and no size");
        Expect.Same(BinaryPrimitives.ReadUInt32LittleEndian(input.AsSpan(input.Length - 4)), (uint)message.Length, "the size at the end");
    }

    private static byte[] Pack(byte[] message, CompressionLevel level)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level)) gzip.Write(message);
        return packed.ToArray();
    }
}
