using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Xmtp.Gateway.Tests.Protocol;

/// <summary>Fills messages of any type with random fields, by their descriptors.</summary>
internal sealed class RandomMessages(Random random)
{
    public T Next<T>()
        where T : IMessage, new()
    {
        var message = new T();
        Fill(message);
        return message;
    }

    private void Fill(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (field.IsMap || random.Next(3) == 0) continue;
            if (!field.IsRepeated)
            {
                field.Accessor.SetValue(message, Value(field));
            }
            else
            {
                for (var count = random.Next(4); count > 0; count--)
                    ((System.Collections.IList)field.Accessor.GetValue(message)).Add(Value(field));
            }
        }

        if (message is Gateway.Protocol.Wire.Cursor cursor) cursor.NodeIdToSequenceId[(uint)random.Next()] = (ulong)random.NextInt64();
    }

    private object Value(FieldDescriptor field)
    {
        switch (field.FieldType)
        {
            case FieldType.Message:
                var inner = field.MessageType.Parser.ParseFrom([]);
                Fill(inner);
                return inner;
            case FieldType.Bytes: return ByteString.CopyFrom(Bytes());
            case FieldType.String: return string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "a" : "ü", random.Next(20)));
            case FieldType.Bool: return random.Next(2) == 0;
            case FieldType.UInt32: return (uint)random.Next();
            case FieldType.UInt64: return (ulong)random.NextInt64();
            case FieldType.Int64: return random.NextInt64();
            case FieldType.Enum: return Enum.ToObject(field.EnumType.ClrType, random.Next(5));
            default: throw new NotSupportedException(field.FieldType.ToString());
        }
    }

    private byte[] Bytes()
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }
}
