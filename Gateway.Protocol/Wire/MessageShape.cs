using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>What a parser of a message type would look into: for each field its name and what its content is.</summary>
/// <remarks>Made once for a type from the generated descriptor, so that there is one list of fields, the .proto text.</remarks>
internal sealed class MessageShape
{
    private static readonly ConcurrentDictionary<string, MessageShape> Known = new(StringComparer.Ordinal);

    private readonly FieldShape?[] _fields;

    private MessageShape(MessageDescriptor descriptor)
    {
        var declared = descriptor.Fields.InFieldNumberOrder();
        _fields = new FieldShape?[declared.Count == 0 ? 0 : declared[^1].FieldNumber + 1];
        foreach (var field in declared) _fields[field.FieldNumber] = FieldShape.Of(field);
    }

    /// <summary>The shape of a message type.</summary>
    public static MessageShape Of(MessageDescriptor descriptor) =>
        Known.TryGetValue(descriptor.FullName, out var shape) ? shape : Known.GetOrAdd(descriptor.FullName, new MessageShape(descriptor));

    /// <summary>The field with this number, or null when the type does not declare it.</summary>
    public FieldShape? this[int number] => (uint)number < (uint)_fields.Length ? _fields[number] : null;
}
