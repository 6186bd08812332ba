using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// What is taken is JSON to System.Text.Json and its wire form a message to Google.Protobuf. Where Google's own JSON parser takes
/// it too, the messages are equal. A message that was taken is taken again from what Google's formatter writes of it.
/// </summary>
public sealed class ConnectJsonTarget : IFuzzTarget
{
    private const int MaxDepth = 64;
    private static readonly JsonParser Stock = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public string Name => "connect-json";

    public string Summary => "the JSON of a PublishClientEnvelopesRequest, compared with Google.Protobuf and System.Text.Json";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        .. SampleEnvelopes.All.Select(
            one => (
                one.Name, Bytes.Utf8(JsonFormatter.Default.Format(new PublishClientEnvelopesRequest { Envelopes = { one.Envelope } })))),
        ("original-names", Bytes.Utf8("""{"envelopes":[{"aad":{"target_topic":"AA=="}}]}""")),
        ("unknown-members", Bytes.Utf8("""{"unknown":{"a":[1,null,{"envelopes":[7]}]},"envelopes":[{},{"aad":null}]}""")),
        ("escapes", Bytes.Utf8("""{"\u0065nvelopes":[{"identityUpdate":{"inboxId":"\u00fc\n\ud83d\ude00"}}]}""")),
        ("numbers", Bytes.Utf8(
            """{"envelopes":[{"identityUpdate":{"clientTimestampNs":1e3}},{"payerReport":{"activeNodeIds":[1,"2",3.0]}}]}""")),
        ("url-alphabet", Bytes.Utf8("""{"envelopes":[{"groupMessage":{"v1":{"data":"-_-_","shouldPush":true}}}]}""")),
    ];

    public IEnumerable<string> Words =>
    [
        .. new[]
        {
            PublishClientEnvelopesRequest.Descriptor, ClientEnvelope.Descriptor, AuthenticatedData.Descriptor, Cursor.Descriptor,
            GroupMessageInput.Types.V1.Descriptor, WelcomeMessageInput.Types.V1.Descriptor, IdentityUpdate.Descriptor,
        }.SelectMany(type => type.Fields.InDeclarationOrder()).Select(member => $"\"{member.JsonName}\":").Distinct(),
        "null", "true", "false", "{}", "[]", "\"\"", "\\u0041", "1e3", "-1", "18446744073709551615",
    ];

    public void Run(byte[] input)
    {
        if (!TryUnpack(input, out var wire)) return;
        using (JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = MaxDepth }))
        {
            // It is JSON to System.Text.Json too.
        }

        var message = PublishClientEnvelopesRequest.Parser.ParseFrom(wire);
        if (ReadByGoogle(input) is { } stock) Expect.That(stock.Equals(message), $"Google's parser reads another message: {stock}");
        var again = JsonFormatter.Default.Format(message);
        if (Encoding.UTF8.GetByteCount(again) > FuzzRun.MaxInput) return;
        Expect.That(TryUnpack(Bytes.Utf8(again), out var second), "what the formatter writes of it is refused");
        Expect.That(
            PublishClientEnvelopesRequest.Parser.ParseFrom(second).Equals(message), "what the formatter writes of it is another message");
    }

    private static bool TryUnpack(byte[] json, out byte[] wire)
    {
        using var memory = CallMemory.Of(json);
        var error = JsonRequest.Unpack(memory.Message, PublishClientEnvelopesRequest.Descriptor);
        wire = memory.Message.Written.ToArray();
        if (error is not null) Expect.That(error.Message.Length is > 0 and < 1000, "the message of the error");
        return error is null;
    }

    private static PublishClientEnvelopesRequest? ReadByGoogle(byte[] input)
    {
        try
        {
            return Stock.Parse<PublishClientEnvelopesRequest>(Encoding.UTF8.GetString(input));
        }
        catch (Exception exception)
            when (exception is InvalidProtocolBufferException or InvalidJsonException or FormatException or OverflowException)
        {
            return null;
        }
    }
}
