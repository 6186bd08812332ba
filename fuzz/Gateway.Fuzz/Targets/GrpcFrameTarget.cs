using System.Buffers.Binary;
using System.IO.Pipelines;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// The message of a unary body is the bytes behind its header, or there is the error that the header and the length call for,
/// however the body is cut into parts. The first byte of an input chooses their size.
/// </summary>
public sealed class GrpcFrameTarget : IFuzzTarget
{
    private const int HeaderSize = 5;

    public string Name => "grpc-frame";

    public string Summary => "the body of a unary gRPC call, in parts";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("one-message", [0xff, 0, 0, 0, 0, 3, 1, 2, 3]),
        ("in-single-bytes", [0, 0, 0, 0, 0, 3, 1, 2, 3]),
        ("compressed", [7, 1, 0, 0, 0, 3, 1, 2, 3]),
        ("empty", [0, 0, 0, 0, 0, 0]),
        ("cut", [3, 0, 0, 0, 0, 9, 1, 2, 3]),
        ("two-messages", [3, 0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 1, 7]),
        ("too-large", [0xff, 0, 0xff, 0xff, 0xff, 0xff, 7]),
        ("long", [0x7f, 0, 0, 0, 0x20, 0, .. new byte[0x2000]]),
    ];

    public void Run(byte[] input)
    {
        var body = Bytes.After(input, 1);
        using var memory = new CallMemory();
        var reader = PipeReader.Create(new PartStream(body, 1 + Bytes.Choice(input, 0, 256)));
        var (isCompressed, error) = GrpcFrame.ReadAsync(
            reader, memory.Message, PublishDeadline.After(PublishDeadline.Max, TimeProvider.System)).AsTask().GetAwaiter().GetResult();
        reader.Complete();
        Expect.Same(ErrorOf(body), error?.Kind, "the error");
        if (error is not null) return;
        Expect.Same(body[0] == 1, isCompressed, "the flag of compression");
        Expect.SameBytes(body.AsSpan(HeaderSize), memory.Message.Written.Span, "the message");
    }

    private static PublishErrorKind? ErrorOf(byte[] body)
    {
        if (body.Length < HeaderSize || body[0] > 1) return PublishErrorKind.InvalidArgument;
        var length = BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(1));
        if (length > CallMemory.MaxMessage) return PublishErrorKind.ResourceExhausted;
        if (body.Length - HeaderSize == length) return null;
        return body.Length - HeaderSize > length ? PublishErrorKind.Unimplemented : PublishErrorKind.InvalidArgument;
    }
}
