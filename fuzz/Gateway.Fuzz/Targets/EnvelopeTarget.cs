using System.Buffers;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Mls;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// What <see cref="EnvelopeReader"/> takes, the generated parsers read as the same envelopes, before and after they were written
/// into the request to a node. What it refuses has a reason that fits into an answer.
/// </summary>
public sealed class EnvelopeTarget : IFuzzTarget
{
    private const uint Node = 100;

    public string Name => "envelope";

    public string Summary => "a serialized PublishClientEnvelopesRequest, compared with Google.Protobuf";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        .. SampleEnvelopes.All.Select(one => (one.Name, new PublishClientEnvelopesRequest { Envelopes = { one.Envelope } }.ToByteArray())),
        ("batch", new PublishClientEnvelopesRequest { Envelopes = { SampleEnvelopes.All.Select(one => one.Envelope) } }.ToByteArray()),
        // An unknown field, then a group in a group.
        ("unknown-fields", [.. new PublishClientEnvelopesRequest { Envelopes = { SampleEnvelopes.Welcome } }.ToByteArray(),
            .. Bytes.Hex("a00601 a306 ab06 ac06 a406")]),
    ];

    public void Run(byte[] input)
    {
        if (EnvelopeReader.ReadRequest(input, out var envelopes) is { } fault)
        {
            Expect.Same(0, envelopes.Count, "envelopes of a refused request");
            Expect.That(fault.Index is >= -1 and < EnvelopeReader.MaxEnvelopes, "the index of the fault");
            Expect.Line(fault.ToString(), "the fault");
            return;
        }

        var parsed = PublishClientEnvelopesRequest.Parser.ParseFrom(input).Envelopes;
        Expect.Same(parsed.Count, envelopes.Count, "the number of envelopes");
        for (var i = 0; i < envelopes.Count; i++) Compare(parsed[i], envelopes[i], i);
        CompareWritten(envelopes);
    }

    private static void Compare(ClientEnvelope parsed, ParsedEnvelope read, int index)
    {
        Expect.Same(index, read.Index, "the index");
        Expect.Same((int)parsed.PayloadCase, (int)read.Payload, "the payload");
        Expect.SameBytes(parsed.Aad.TargetTopic.Span, read.Topic.Bytes.Span, "the topic");
        Expect.That(ClientEnvelope.Parser.ParseFrom(read.Bytes.Span).Equals(parsed), "the bytes are another envelope's");
        Expect.Same(DestinationOf(parsed), read.Destination, "the destination");
    }

    private static Destination DestinationOf(ClientEnvelope parsed)
    {
        if (parsed.PayloadCase == ClientEnvelope.PayloadOneofCase.IdentityUpdate) return Destination.AppChain;
        if (parsed.PayloadCase != ClientEnvelope.PayloadOneofCase.GroupMessage) return Destination.BroadcastNetwork;
        Expect.That(MlsFraming.ReadContentType(parsed.GroupMessage.V1.Data.Span, out var type) is null, "it is no MLS message");
        return type == MlsContentType.Application ? Destination.BroadcastNetwork : Destination.AppChain;
    }

    private static void CompareWritten(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var output = new ArrayBufferWriter<byte>();
        PayerEnvelopeWriter.Write(output, Node, envelopes, new byte[envelopes.Count * PayerEnvelopeWriter.SignatureSize]);
        Expect.Same(PayerEnvelopeWriter.GetSize(Node, envelopes), output.WrittenCount, "the size of the request to a node");
        var written = PublishPayerEnvelopesRequest.Parser.ParseFrom(output.WrittenSpan).PayerEnvelopes;
        Expect.Same(envelopes.Count, written.Count, "the number of payer envelopes");
        for (var i = 0; i < written.Count; i++)
            Expect.SameBytes(envelopes[i].Bytes.Span, written[i].UnsignedClientEnvelope.Span, "the client envelope in the payer envelope");
    }
}
