using Xmtp.Gateway.Protocol.Mls;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// Reads as much of a GroupMessageInput, <c>1 v1 { 1 data 2 sender_hmac 3 should_push }</c>, as routing needs: the MLS
/// framing in its data.
/// </summary>
internal static class GroupMessageRules
{
    private const string DataField = "group_message.v1.data";

    internal static EnvelopeFault? Check(Topic topic, ReadOnlyMemory<byte> payload, int index, int groupIdSize, out Destination destination)
    {
        destination = Destination.BroadcastNetwork;
        if (ReadOnly(payload.Span, 1, 1, out var v1) is { } versionFault) return new EnvelopeFault(index, "group_message.v1", versionFault);
        if (ReadOnly(v1, 1, 2, out var data) is { } dataFault) return new EnvelopeFault(index, DataField, dataFault);
        if (MlsFraming.ReadContentType(data, out var type) is { } framing) return new EnvelopeFault(index, DataField, framing);
        if (type == MlsContentType.Application) return null;

        destination = Destination.AppChain;
        return topic.Identifier.Length == groupIdSize
            ? null
            : new EnvelopeFault(
                index, "aad.target_topic", $"a group id on the App Chain has {groupIdSize} bytes, this one {topic.Identifier.Length}");
    }

    // Finds the one length-delimited field of a message; fields up to lastBytesField must be length-delimited too.
    private static string? ReadOnly(ReadOnlySpan<byte> message, int field, int lastBytesField, out ReadOnlySpan<byte> content)
    {
        content = default;
        var found = false;
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            if (reader.Field <= lastBytesField && reader.WireType != ProtoReader.Bytes) return "not length-delimited";
            if (reader.Field != field) continue;
            if (found) return "given twice";
            found = true;
            content = reader.ContentBytes;
        }

        if (reader.Malformed) return "malformed";
        return found ? null : "missing";
    }
}
