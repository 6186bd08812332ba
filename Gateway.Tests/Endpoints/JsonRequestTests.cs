using System.Buffers;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.Protocol;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>JSON requests become the wire form that Google's own parser makes of them.</summary>
public class JsonRequestTests
{
    private const int MaxSize = 25 * 1024 * 1024;

    [Fact]
    public void What_a_formatter_writes_is_read_as_it_was()
    {
        var random = new Random(16);
        var messages = new RandomMessages(random);
        var byOriginalNames = new JsonFormatter(
            JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true));
        for (var i = 0; i < 300; i++)
        {
            var request = new PublishClientEnvelopesRequest();
            for (var count = random.Next(4); count >= 0; count--) request.Envelopes.Add(messages.Next<ClientEnvelope>());
            var formatter = i % 2 == 0 ? JsonFormatter.Default : byOriginalNames;
            Assert.Equal(request, Read(formatter.Format(request)));
        }
    }

    [Fact]
    public void An_envelope_is_the_same_bytes_as_with_the_stock_parser()
    {
        ClientEnvelope[] envelopes =
        [
            Envelopes.Welcome(),
            Envelopes.Commit(),
            Envelopes.Identity(),
            Envelopes.KeyPackage(),
            Envelopes.Application(size: 70_000),
        ];
        foreach (var envelope in envelopes)
        {
            var request = Envelopes.Request(envelope);
            Assert.Equal(request.ToByteArray(), Wire(Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(request))));
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"envelopes\": null}")]
    [InlineData("{\"envelopes\": []}")]
    [InlineData("{\"unknown\": {\"a\": [1, null, {\"envelopes\": [7]}]}, \"more\": \"x\"}")]
    [InlineData("{\"envelopes\": [{}, {\"aad\": null, \"other\": []}]}")]
    [InlineData(
        "{\"envelopes\": [{\"aad\": {\"targetTopic\": \"AA==\", \"dependsOn\": {\"nodeIdToSequenceId\": {\"100\": " +
            "\"18446744073709551615\", \"2\": 7}}}}]}")]
    [InlineData("{\"\\u0065nvelopes\": [{\"aad\": {\"target_topic\": \"\\u0041A==\"}}]}")]
    [InlineData("{\"envelopes\": [{\"identityUpdate\": {\"clientTimestampNs\": \"12\", \"inboxId\": \"\\u00fc\\n\"}}]}")]
    [InlineData("{\"envelopes\": [{\"identityUpdate\": {\"clientTimestampNs\": 1e3}}, {\"identityUpdate\": {\"clientTimestampNs\": 0}}]}")]
    [InlineData("{\"envelopes\": [{\"payerReport\": {\"activeNodeIds\": [1, \"2\", 300], \"endMinuteSinceEpoch\": 1.0}}]}")]
    [InlineData(
        "{\"envelopes\": [{\"groupMessage\": {\"v1\": {\"data\": \"\", \"shouldPush\": false}}}, {\"groupMessage\": {\"v1\": " +
            "{\"shouldPush\": true}}}]}")]
    public void It_says_what_the_stock_parser_says(string json)
    {
        var stock = new JsonParser(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));
        Assert.Equal(stock.Parse<PublishClientEnvelopesRequest>(json), Read(json));
    }

    [Theory]
    [InlineData("+/+/")]
    [InlineData("-_-_")]
    [InlineData("\\/+\\/+")]
    [InlineData("AAE=")]
    [InlineData("AAE")]
    [InlineData("AA")]
    public void Bytes_are_base64_of_both_alphabets_with_or_without_padding(string text)
    {
        var topic = Read("{\"envelopes\": [{\"aad\": {\"targetTopic\": \"" + text + "\"}}]}").Envelopes[0].Aad.TargetTopic;
        var plain = text.Replace("\\", "", StringComparison.Ordinal).Replace('-', '+').Replace('_', '/');
        Assert.Equal(Convert.FromBase64String(plain.PadRight((plain.Length + 3) / 4 * 4, '=')), topic.ToByteArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}{}")]
    [InlineData("{\"envelopes\": [{}]")]
    [InlineData("{\"envelopes\": {}}")]
    [InlineData("{\"envelopes\": [null]}")]
    [InlineData("{\"envelopes\": [[]]}")]
    [InlineData("{\"envelopes\": [], \"envelopes\": []}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": \"AAAA\", \"target_topic\": \"\"}}]}")]
    [InlineData("{\"envelopes\": [{\"groupMessage\": {}, \"welcomeMessage\": {}}]}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": \"A\"}}]}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": \"A=AA\"}}]}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": 7}}]}")]
    [InlineData("{\"envelopes\": [{\"payerReport\": {\"originatorNodeId\": -1}}]}")]
    [InlineData("{\"envelopes\": [{\"payerReport\": {\"originatorNodeId\": 4294967296}}]}")]
    [InlineData("{\"envelopes\": [{\"payerReport\": {\"originatorNodeId\": 1.5}}]}")]
    [InlineData("{\"envelopes\": [{\"payerReport\": {\"originatorNodeId\": true}}]}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"dependsOn\": {\"nodeIdToSequenceId\": {\"x\": 1}}}}]}")]
    [InlineData("{\"envelopes\": [{\"identityUpdate\": {\"inboxId\": \"\\ud800\"}}]}")]
    public void What_is_wrong_is_an_invalid_argument(string json)
    {
        Assert.Equal(PublishErrorKind.InvalidArgument, Unpack(Encoding.UTF8.GetBytes(json), out _)?.Kind);
    }

    [Theory]
    [InlineData("{\"envelopes\": [{}, {\"aad\": {\"targetTopic\": \"A\"}}]}", "envelopes[1].aad.target_topic", "expected base64")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": 7}}]}", "envelopes[0].aad.target_topic", "expected a text of base64")]
    [InlineData(
        "{\"envelopes\": [{\"aad\": {\"dependsOn\": {\"nodeIdToSequenceId\": {\"x\": 1}}}}]}",
        "envelopes[0].aad.depends_on.node_id_to_sequence_id",
        "expected a whole number")]
    [InlineData("{\"envelopes\": [null]}", "envelopes[0]", "expected an object")]
    [InlineData("{\"envelopes\": {}}", "envelopes", "expected a list")]
    [InlineData(
        "{\"envelopes\": [{\"payerReport\": {\"activeNodeIds\": [1, -2]}}]}",
        "envelopes[0].payer_report.active_node_ids[1]",
        "expected a whole number")]
    [InlineData(
        "{\"envelopes\": [{\"groupMessage\": {\"v1\": {\"shouldPush\": \"yes\"}}}]}",
        "envelopes[0].group_message.v1.should_push",
        "expected true or false")]
    [InlineData("{\"envelopes\": [{\"groupMessage\": {}, \"welcomeMessage\": {}}]}", "envelopes[0].welcome_message", "expected it once")]
    [InlineData(
        "{\"envelopes\": [{\"identityUpdate\": {\"inboxId\": \"\\ud800\"}}]}",
        "envelopes[0].identity_update.inbox_id",
        "expected a text of Unicode")]
    public void A_fault_names_its_field(string json, string field, string words)
    {
        var error = Unpack(Encoding.UTF8.GetBytes(json), out _);
        Assert.Equal(field, error?.Field);
        Assert.StartsWith($"{field}: {words}", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1000);
        Assert.Equal(PublishErrorKind.InvalidArgument, Unpack(Encoding.UTF8.GetBytes(deep), out _)?.Kind);
    }

    public static TheoryData<string, string, string> Floods => new()
    {
        { "{\"envelopes\":[", "{},", "envelopes: more than 10000" },
        { "{\"envelopes\":[{\"identityUpdate\":{\"actions\":[", "{},", "more than 1000000 values" },
        { "{\"envelopes\":[{\"aad\":{\"dependsOn\":{\"nodeIdToSequenceId\":{", "\"1\":1,", "more than 1000000 values" },
        { "{\"envelopes\":[{\"payerReport\":{\"activeNodeIds\":[", "1,", "more than 1000000 values" },
        { "{\"unknown\":[", "{},", "more than 1000000 values" },
        { "{", "\"a\":1,", "more than 1000000 values" },
    };

    [Theory, MemberData(nameof(Floods))]
    public void Millions_of_small_values_are_refused_with_little_memory(string start, string element, string refusal)
    {
        var json = Encoding.UTF8.GetBytes(start + string.Concat(Enumerable.Repeat(element, (MaxSize - start.Length) / element.Length)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Unpack(json, out _);
        Assert.Contains(refusal, error?.Message, StringComparison.Ordinal);
        // The JSON itself in the call's buffer, and at most the same again.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3L * MaxSize);
    }

    [Fact]
    public void A_message_of_the_largest_size_is_there_twice_and_no_more()
    {
        var json = Encoding.UTF8.GetBytes(
            "{\"envelopes\": [{\"welcomeMessage\": {\"v1\": {\"data\": \"" + new string('A', MaxSize - 100) + "\"}}}]}");
        var (budget, message) = OneCall.Begin();
        Assert.Null(message.Append(new ReadOnlySequence<byte>(json), json.Length));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(JsonRequest.Unpack(message, PublishClientEnvelopesRequest.Descriptor));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2L * MaxSize + 1024 * 1024);
        Assert.InRange(budget.InUse, message.Length, MaxSize);
    }

    [Fact]
    public void Every_type_that_a_request_has_can_be_read()
    {
        var seen = new HashSet<MessageDescriptor>();
        Visit(PublishClientEnvelopesRequest.Descriptor);
        Visit(GetNodesRequest.Descriptor);
        Assert.True(seen.Count > 10);

        void Visit(MessageDescriptor type)
        {
            if (!seen.Add(type)) return;
            Assert.Equal(type.Fields.InDeclarationOrder().Count, JsonShape.Of(type).Fields.Count);
            foreach (var field in type.Fields.InDeclarationOrder())
                if (field.FieldType == FieldType.Message)
                    Visit(field.MessageType);
        }
    }

    private static PublishClientEnvelopesRequest Read(string json) =>
        PublishClientEnvelopesRequest.Parser.ParseFrom(Wire(Encoding.UTF8.GetBytes(json)));

    private static byte[] Wire(byte[] json)
    {
        Assert.Null(Unpack(json, out var wire));
        return wire;
    }

    private static PublishError? Unpack(byte[] json, out byte[] wire)
    {
        var (_, message) = OneCall.Begin();
        Assert.Null(message.Append(new ReadOnlySequence<byte>(json), json.Length));
        var error = JsonRequest.Unpack(message, PublishClientEnvelopesRequest.Descriptor);
        wire = message.Written.ToArray();
        return error;
    }
}
