using System.Collections.Concurrent;
using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>The fields of a message type that a parser descends into: for each its name and the type of its content.</summary>
/// <remarks>Created once per type from the generated descriptor, so that the .proto text is the only list of fields.</remarks>
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
