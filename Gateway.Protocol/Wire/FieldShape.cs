using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>How a parser reads one declared field.</summary>
/// <param name="Name">The name in the .proto text.</param>
/// <param name="Packed">
/// The wire type of the elements if they may also be packed into one length-delimited value; else null.
/// </param>
/// <param name="IsText">Whether the content must be UTF-8.</param>
/// <param name="Message">The type of the content, if it is a message.</param>
internal sealed record FieldShape(string Name, int? Packed, bool IsText, Lazy<MessageShape>? Message)
{
    /// <summary>The shape of a declared field.</summary>
    public static FieldShape Of(FieldDescriptor field)
    {
        // Types may contain themselves, so the inner shape is created on first use.
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
