using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>What a parser does with one declared field.</summary>
/// <param name="Name">The name in the .proto text.</param>
/// <param name="Packed">The wire type of the elements when they may also come packed in one length-delimited value; null otherwise.</param>
/// <param name="IsText">The content must be UTF-8.</param>
/// <param name="Message">The type of the content, when it is a message.</param>
internal sealed record FieldShape(string Name, int? Packed, bool IsText, Lazy<MessageShape>? Message)
{
    /// <summary>The shape of a declared field.</summary>
    public static FieldShape Of(FieldDescriptor field)
    {
        // Types may contain themselves, so that the inner shape waits until a message needs it.
        var message = field.FieldType == FieldType.Message ? new Lazy<MessageShape>(() => MessageShape.Of(field.MessageType)) : null;
        return new FieldShape(
            field.Name, field.IsRepeated ? PackedElement(field.FieldType) : null, field.FieldType == FieldType.String, message);
    }

    private static int? PackedElement(FieldType type) => type switch
    {
        FieldType.Fixed64 or FieldType.SFixed64 or FieldType.Double => ProtoReader.Fixed64,
        FieldType.Fixed32 or FieldType.SFixed32 or FieldType.Float => ProtoReader.Fixed32,
        FieldType.String or FieldType.Bytes or FieldType.Message or FieldType.Group => null,
        _ => ProtoReader.Varint,
    };
}
