using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// Reads and checks the topic in an AuthenticatedData:
/// <c>2 target_topic 3 depends_on { 1 map entry { 1 node 2 sequence } }</c>.
/// </summary>
internal static class AuthenticatedDataReader
{
    private const string TopicField = "aad.target_topic";
    private const string DependsOnField = "aad.depends_on";

    internal static EnvelopeFault? Read(ReadOnlyMemory<byte> aad, int index, out Topic topic)
    {
        topic = default;
        ReadOnlyMemory<byte>? found = null;
        var reader = new ProtoReader(aad.Span);
        while (reader.Read())
        {
            if (reader.Field == 3 && (reader.WireType != ProtoReader.Bytes || !IsCursor(reader.ContentBytes)))
                return new EnvelopeFault(index, DependsOnField, "not a serialized Cursor");
            if (reader.Field != 2) continue;
            if (reader.WireType != ProtoReader.Bytes) return new EnvelopeFault(index, TopicField, "not bytes");
            if (found is not null) return new EnvelopeFault(index, TopicField, "given twice");
            found = aad[reader.Content];
        }

        if (reader.Malformed) return new EnvelopeFault(index, "aad", "not a serialized AuthenticatedData");
        if (found is not { Length: > 0 } bytes) return new EnvelopeFault(index, TopicField, "missing");
        if (bytes.Length < 2) return new EnvelopeFault(index, TopicField, "has a kind but no identifier");
        topic = new Topic(bytes);
        return topic.Kind switch
        {
            > TopicKind.PayerReportAttestations => new EnvelopeFault(index, TopicField, $"kind {(byte)topic.Kind} is unknown"),
            TopicKind.PayerReports or TopicKind.PayerReportAttestations =>
                new EnvelopeFault(index, TopicField, $"kind {(byte)topic.Kind} is reserved for nodes"),
            _ => null,
        };
    }

    private static bool IsCursor(ReadOnlySpan<byte> cursor)
    {
        var entries = new ProtoReader(cursor);
        while (entries.Read())
        {
            if (entries.Field != 1) continue;
            if (entries.WireType != ProtoReader.Bytes) return false;
            var entry = new ProtoReader(entries.ContentBytes);
            while (entry.Read()) { }
            if (entry.Malformed) return false;
        }

        return !entries.Malformed;
    }
}
