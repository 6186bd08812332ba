using System.Buffers.Binary;
using Xmtp.Gateway.BroadcastNetwork.Nodes;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// Of the frames of a node's connection nothing is changed but the error code of a GOAWAY that can be trusted, however they are cut
/// into parts. The first byte of an input chooses their size.
/// </summary>
public sealed class NodeFramesTarget : IFuzzTarget
{
    private const int HeaderSize = 9;
    private const byte Headers = 1, Settings = 4, GoAway = 7;

    public string Name => "node-frames";

    public string Summary => "the HTTP/2 frames of a node, compared with a reader of all of them at once";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("settings-goaway", [0xff, .. Frame(Settings, 0), .. Frame(GoAway, 0, 0, 0, 0, 3, 0, 0, 0, 0)]),
        ("in-single-bytes", [0, .. Frame(Settings, 0, 1, 2, 3), .. Frame(GoAway, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5)]),
        ("answered-above", [0xff, .. Frame(Settings, 0), .. Frame(Headers, 5, 1), .. Frame(GoAway, 0, 0, 0, 0, 3, 0, 0, 0, 0)]),
        ("goaway-first", [0xff, .. Frame(GoAway, 0, 0, 0, 0, 3, 0, 0, 0, 0)]),
        ("goaway-twice",
            [2, .. Frame(Settings, 0), .. Frame(GoAway, 0, 0, 0, 0, 9, 0, 0, 0, 0), .. Frame(GoAway, 0, 0, 0, 0, 3, 0, 0, 0, 2)]),
        ("short-goaway", [0xff, .. Frame(Settings, 0), .. Frame(GoAway, 0, 0, 0, 0, 3, 0)]),
        ("cut", [0xff, .. Frame(Settings, 0), .. Frame(GoAway, 0, 0, 0, 0, 3, 0, 0, 0, 0)[..15]]),
    ];

    public void Run(byte[] input)
    {
        var found = Bytes.After(input, 1);
        var part = 1 + Bytes.Choice(input, 0, 256);
        var frames = new Http2ResponseFrames();
        for (var at = 0; at < found.Length; at += part) frames.Pass(found.AsSpan(at, Math.Min(part, found.Length - at)));

        var expected = Bytes.After(input, 1);
        var (hasAnswered, goUnavailables) = Rewrite(expected);
        Expect.SameBytes(expected, found, "the bytes of the connection");
        Expect.Same(hasAnswered, frames.HasAnswered, "whether a call was answered");
        Expect.Same(goUnavailables, frames.GoAways, "the number of GOAWAY frames");
    }

    private static (bool HasAnswered, int GoAways) Rewrite(byte[] bytes)
    {
        var (hasSettings, highest, goUnavailables) = (false, 0u, 0);
        for (var at = 0; bytes.Length - at >= HeaderSize;)
        {
            var length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
            var type = bytes[at + 3];
            if (type == Headers) highest = Math.Max(highest, StreamAt(bytes, at + 5));
            at += HeaderSize;
            var payload = bytes.AsSpan(at, Math.Min(length, bytes.Length - at));
            if (type == GoAway && hasSettings && payload.Length > 4 && StreamAt(bytes, at) >= highest)
                new byte[] { 0, 0, 0, 7 }.AsSpan(0, Math.Min(4, payload.Length - 4)).CopyTo(payload[4..]);
            if (payload.Length < length) break;
            hasSettings |= type == Settings;
            if (type == GoAway) goUnavailables++;
            at += length;
        }

        return (highest > 0, goUnavailables);
    }

    // The highest bit is reserved, and a receiver ignores it.
    private static uint StreamAt(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)) & int.MaxValue;

    private static byte[] Frame(byte type, byte stream, params byte[] payload) =>
        [0, 0, (byte)payload.Length, type, 0, 0, 0, 0, stream, .. payload];
}
