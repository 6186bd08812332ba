using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>A message type with the field names of protobuf's JSON form: in camel case, and as in the definition.</summary>
internal sealed class JsonShape
{
    private static readonly ConcurrentDictionary<MessageDescriptor, JsonShape> Known = new();

    private JsonShape(MessageDescriptor type)
    {
        if (type.Fields.InDeclarationOrder().Count > 64) throw new NotSupportedException($"{type.FullName} has more than 64 fields");
        Fields = [.. type.Fields.InDeclarationOrder().Select(field => new JsonField(field))];
    }

    /// <summary>The fields, each at its index in the definition.</summary>
    internal IReadOnlyList<JsonField> Fields { get; }

    /// <summary>The shape of a type; created once.</summary>
    internal static JsonShape Of(MessageDescriptor type) => Known.GetOrAdd(type, static one => new JsonShape(one));

    /// <summary>The index of the field that the reader's property name means; -1 when there is none.</summary>
    internal int Find(ref readonly Utf8JsonReader reader)
    {
        for (var i = 0; i < Fields.Count; i++)
            if (reader.ValueTextEquals(Fields[i].JsonName) || reader.ValueTextEquals(Fields[i].Name))
                return i;
        return -1;
    }
}

/// <summary>A field of a <see cref="JsonShape"/>.</summary>
internal sealed class JsonField
{
    private readonly (byte[] Name, int Number)[] _words;

    internal JsonField(FieldDescriptor field)
    {
        Descriptor = field;
        JsonName = Encoding.UTF8.GetBytes(field.JsonName);
        Name = Encoding.UTF8.GetBytes(field.Name);
        _words = field.FieldType == FieldType.Enum
            ? [.. field.EnumType.Values.Select(value => (Encoding.UTF8.GetBytes(value.Name), value.Number))]
            : [];
        Type = field.FieldType;
        IsBytes = Type is FieldType.Bytes or FieldType.String or FieldType.Message;
        if (!IsBytes
            && Type is not (FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64 or FieldType.Bool or FieldType.Enum))
        {
            throw new NotSupportedException($"{field.FullName} is of type {Type}, which requests do not have");
        }
        OneOf = field.ContainingOneof is { IsSynthetic: false } oneOf ? oneOf.Index : -1;
        HasPresence = field.HasPresence;
    }

    internal FieldDescriptor Descriptor { get; }

    internal byte[] JsonName { get; }

    internal byte[] Name { get; }

    internal FieldType Type { get; }

    /// <summary>Whether its values are length-delimited in the wire form; otherwise they are varints.</summary>
    internal bool IsBytes { get; }

    /// <summary>Whether a default value is written.</summary>
    internal bool HasPresence { get; }

    /// <summary>The index of its oneof; -1 for none.</summary>
    internal int OneOf { get; }

    /// <summary>The number of the enum value that the reader's string names; null when there is none.</summary>
    internal int? FindWord(ref readonly Utf8JsonReader reader)
    {
        foreach (var (name, number) in _words)
            if (reader.ValueTextEquals(name))
                return number;
        return null;
    }
}
