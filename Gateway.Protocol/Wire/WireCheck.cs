using System.Text.Unicode;

namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>
/// Checks whether every protobuf parser could read a serialized message of a known type, down to its innermost field.
/// </summary>
/// <remarks>The gateway pays for what it signs, so it must reject bytes that the network's readers cannot parse.</remarks>
internal static class WireCheck
{
    // The types of the protocol nest 7 deep; parsers stop at 100, groups included, of which the reader allows 64.
    private const int MaxMessageDepth = 32;

    /// <summary>Checks a message and all messages in it.</summary>
    /// <param name="message">The serialized message.</param>
    /// <param name="shape">Its type.</param>
    /// <param name="field">The path of the faulty field from this message on; empty for a fault of the message itself.</param>
    /// <returns>Null, or the fault.</returns>
    public static string? Find(ReadOnlySpan<byte> message, MessageShape shape, out string field) => Find(message, shape, 0, out field);

    private static string? Find(ReadOnlySpan<byte> message, MessageShape shape, int depth, out string field)
    {
        field = string.Empty;
        if (depth > MaxMessageDepth) return "messages lie too deep in each other";
        var reader = new ProtoReader(message);
        while (reader.Read())
        {
            // A declared field of another wire type is an unknown field to every parser.
            if (reader.WireType != ProtoReader.Bytes || shape[reader.Field] is not { } declared) continue;
            if (FindInContent(reader.ContentBytes, declared, depth, out var inner) is not { } fault) continue;
            field = inner.Length == 0 ? declared.Name : $"{declared.Name}.{inner}";
            return fault;
        }

        return reader.Malformed ? "malformed" : null;
    }

    private static string? FindInContent(ReadOnlySpan<byte> content, FieldShape declared, int depth, out string field)
    {
        field = string.Empty;
        if (declared.Message is { } message) return Find(content, message.Value, depth + 1, out field);
        if (declared.IsText) return Utf8.IsValid(content) ? null : "not UTF-8";
        return declared.Packed is { } element && !IsPacked(content, element) ? "malformed" : null;
    }

    private static bool IsPacked(ReadOnlySpan<byte> content, int element)
    {
        if (element == ProtoReader.Fixed64) return content.Length % 8 == 0;
        if (element == ProtoReader.Fixed32) return content.Length % 4 == 0;
        var reader = new ProtoReader(content);
        while (reader.ReadPackedVarint())
        {
        }

        return !reader.Malformed;
    }
}
