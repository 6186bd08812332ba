using System.Buffers.Binary;
using Xmtp.Gateway.Protocol.Mls;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// The content type is that of a reader written only here, by positions; nothing is allocated for it, and what stands behind it
/// does not matter.
/// </summary>
public sealed class MlsFramingTarget : IFuzzTarget
{
    public string Name => "mls-framing";

    public string Summary => "an MLSMessage, compared with a second reader of RFC 9420";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("private-application", SampleEnvelopes.Mls(2, 1)),
        ("private-commit", SampleEnvelopes.Mls(2, 3)),
        ("public-proposal", SampleEnvelopes.Mls(1, 2)),
        ("external-sender", Bytes.Hex("0001 0001 02aabb 0000000000000005 02 00000002 01ff 03")),
        ("new-member", Bytes.Hex("0001 0001 02aabb 0000000000000005 03 00 01")),
        ("two-byte-length", [0, 1, 0, 2, 0x40, 64, .. new byte[64 + 8], 3]),
        ("four-byte-length", [0, 1, 0, 2, 0x80, 0, 0x40, 0, .. new byte[0x4000 + 8], 2]),
        ("padded-length", Bytes.Hex("0001 0002 4001 00 0000000000000005 01")),
    ];

    public void Run(byte[] input)
    {
        var fault = MlsFraming.ReadContentType(input, out var type);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Expect.Same(fault, MlsFraming.ReadContentType(input, out _), "the fault, read again");
        Expect.Same(0, GC.GetAllocatedBytesForCurrentThread() - before, "allocated bytes");
        if (fault is not null) Expect.Line(fault, "the fault");

        Expect.Same(Reference(input, out var end), fault is null ? type : null, "the content type");
        if (fault is not null) return;
        Expect.That(MlsFraming.ReadContentType(input.AsSpan(0, end), out var cut) is null && cut == type, "it needs no byte behind it");
        Expect.That(MlsFraming.ReadContentType(input.AsSpan(0, end - 1), out _) is not null, "the last byte is its content type");
    }

    private static MlsContentType? Reference(byte[] input, out int end)
    {
        end = 0;
        try
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(0, 2)) != 1) return null;
            var format = BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(2, 2));
            if (format is < 1 or > 2) return null;
            var at = checked(EndOfOpaque(input, 4) + 8);
            if (format == 1)
            {
                var sender = input[at];
                if (sender is < 1 or > 4) return null;
                at = EndOfOpaque(input, at + (sender <= 2 ? 5 : 1));
            }

            end = at + 1;
            return input[at] is var type and >= 1 and <= 3 ? (MlsContentType)type : null;
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException or FormatException)
        {
            return null;
        }
    }

    private static int EndOfOpaque(byte[] input, int at)
    {
        var (size, length) = (input[at] >> 6) switch
        {
            0 => (1, input[at] & 0x3F),
            1 => (2, BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(at)) & 0x3FFF),
            2 => (4, (int)(BinaryPrimitives.ReadUInt32BigEndian(input.AsSpan(at)) & 0x3FFFFFFF)),
            _ => throw new FormatException(),
        };
        if ((size == 2 && length < 64) || (size == 4 && length < 16384)) throw new FormatException();
        return at + size + length;
    }
}
