using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Google.Protobuf.Reflection;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// Converts protobuf's JSON form of a request into its wire form while reading, without a tree or message objects.
/// Unknown fields are skipped.
/// </summary>
/// <remarks>
/// <code>
/// member name   camel case or as in the definition; a duplicate, or two of one oneof, is refused
/// bytes         base64, both alphabets, with or without padding
/// numbers       as numbers or as strings;  enums by name or number;  null is an absent field
/// </code>
/// The wire form is written to a buffer with the limit of every message. Fields are in the JSON's order, which every
/// parser accepts. Only here does the gateway serialize an envelope itself, since JSON has no bytes to sign.
/// </remarks>
internal ref struct JsonRequest
{
    /// <summary>
    /// The max number of values (members and elements) of a request: ten thousand envelopes have a few hundred thousand.
    /// </summary>
    internal const int MaxValues = 1_000_000;

    private const int MaxDepth = 64;
    private const int MaxNumberLength = 32;
    private const int LengthDelimited = 2;
    private static readonly PublishError Broken = new(PublishErrorKind.InvalidArgument, "the request is not the JSON of its message type");
    private static readonly PublishError TooManyValues = new(
        PublishErrorKind.InvalidArgument,
        string.Create(CultureInfo.InvariantCulture, $"the request has more than {MaxValues} values; split the batch"));
    private static readonly PublishError TooManyElements = new(
        PublishErrorKind.InvalidArgument,
        string.Create(CultureInfo.InvariantCulture, $"envelopes: more than {EnvelopeReader.MaxEnvelopes}; split the batch"))
    {
        Field = "envelopes",
    };
    private readonly MessageBuffer _output;
    private readonly int _expected;
    private Utf8JsonReader _reader;
    private int _values;
    private string? _path;

    private JsonRequest(ReadOnlySpan<byte> json, MessageBuffer output)
    {
        _output = output;
        _expected = json.Length;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>Replaces the JSON form of a message by its wire form.</summary>
    /// <returns>Null, or the error.</returns>
    internal static PublishError? Unpack(MessageBuffer message, MessageDescriptor type)
    {
        var wire = message.Another();
        var error = Read(message.Written.Span, type, wire);
        message.TakeOver(wire);
        return error;
    }

    private static PublishError? Read(ReadOnlySpan<byte> json, MessageDescriptor type, MessageBuffer into)
    {
        var request = new JsonRequest(json, into);
        try
        {
            if (!request._reader.Read() || request._reader.TokenType != JsonTokenType.StartObject) return Broken;
            if (request.Message(JsonShape.Of(type)) is { } error) return request.Named(error);
            return request._reader.Read() ? Broken : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return Broken;
        }
    }

    // The fault of a value; callers prepend the name or list index that they read.
    private PublishError Wrong(string expected)
    {
        _path = "";
        return new PublishError(PublishErrorKind.InvalidArgument, $"expected {expected}");
    }

    private void Within(string name) =>
        _path = _path is null or "" || _path[0] == '[' ? _path is null ? null : name + _path : $"{name}.{_path}";

    private readonly PublishError Named(PublishError error) =>
        _path is { Length: > 0 } ? error with { Message = $"{_path}: {error.Message}", Field = _path } : error;

    // The reader is at the object's start before, and at its end after.
    private PublishError? Message(JsonShape shape)
    {
        ulong seen = 0, choices = 0;
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (++_values > MaxValues) return TooManyValues;
            var index = shape.Find(ref _reader);
            if (!_reader.Read()) return Broken;
            if (index < 0)
            {
                if (Pass() is { } tooMany) return tooMany;
                continue;
            }

            var field = shape.Fields[index];
            var isTaken = IsTaken(ref seen, index)
                || (_reader.TokenType != JsonTokenType.Null && field.OneOf >= 0 && IsTaken(ref choices, field.OneOf));
            if (!isTaken && _reader.TokenType == JsonTokenType.Null) continue;
            if ((isTaken ? Wrong("it once, and no other of the same choice") : Field(field)) is not { } error) continue;
            Within(field.Descriptor.Name);
            return error;
        }

        return _reader.TokenType == JsonTokenType.EndObject ? null : Broken;
    }

    private static bool IsTaken(ref ulong set, int index)
    {
        var taken = (set & (1UL << index)) != 0;
        set |= 1UL << index;
        return taken;
    }

    private PublishError? Field(JsonField field)
    {
        if (field.Descriptor.IsMap) return Map(field);
        if (field.Descriptor.IsRepeated) return Elements(field);
        return field.IsBytes ? Bytes(field, field.HasPresence) : Number(field, field.HasPresence, tagged: true);
    }

    private PublishError? Elements(JsonField field)
    {
        if (_reader.TokenType != JsonTokenType.StartArray) return Wrong("a list");
        var start = _output.Length;
        if (!field.IsBytes && Begin(field.Descriptor.FieldNumber, out start) is { } full) return full;
        for (var count = 0; _reader.Read() && _reader.TokenType != JsonTokenType.EndArray; count++)
        {
            if (count == EnvelopeReader.MaxEnvelopes && field.Descriptor.ContainingType == PublishClientEnvelopesRequest.Descriptor)
                return TooManyElements;
            if (++_values > MaxValues) return TooManyValues;
            if ((field.IsBytes ? Bytes(field, evenEmpty: true) : Number(field, evenZero: true, tagged: false)) is not { } error) continue;
            Within(string.Create(CultureInfo.InvariantCulture, $"[{count}]"));
            return error;
        }

        if (_reader.TokenType != JsonTokenType.EndArray) return Broken;
        return field.IsBytes ? null : End(start);
    }

    // A map is a repeated message with a key (1) and a value (2).
    private PublishError? Map(JsonField field)
    {
        if (_reader.TokenType != JsonTokenType.StartObject) return Wrong("an object of keys and values");
        var entry = JsonShape.Of(field.Descriptor.MessageType);
        while (_reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            if (++_values > MaxValues) return TooManyValues;
            if (Begin(field.Descriptor.FieldNumber, out var start) is { } full) return full;
            if ((entry.Fields[0].IsBytes
                ? Bytes(entry.Fields[0], evenEmpty: true)
                : Number(entry.Fields[0], evenZero: true, tagged: true)) is { } keyError)
            {
                return keyError;
            }
            if (!_reader.Read()) return Broken;
            if ((entry.Fields[1].IsBytes
                ? Bytes(entry.Fields[1], evenEmpty: true)
                : Number(entry.Fields[1], evenZero: true, tagged: true)) is { } valueError)
            {
                return valueError;
            }
            if (End(start) is { } noRoom) return noRoom;
        }

        return _reader.TokenType == JsonTokenType.EndObject ? null : Broken;
    }

    private PublishError? Bytes(JsonField field, bool evenEmpty)
    {
        var before = _output.Length;
        if (Begin(field.Descriptor.FieldNumber, out var start) is { } full) return full;
        if (field.Type == FieldType.Message)
        {
            if (_reader.TokenType != JsonTokenType.StartObject) return Wrong("an object");
            return Message(JsonShape.Of(field.Descriptor.MessageType)) ?? End(start);
        }

        if (_reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            return Wrong(field.Type == FieldType.String ? "a text" : "a text of base64");
        if ((field.Type == FieldType.String ? Text() : Base64()) is { } error) return error;
        if (_output.Length > start || evenEmpty) return End(start);
        _output.Advance(before - _output.Length);
        return null;
    }

    private PublishError? Text()
    {
        if (_output.GetFree(Math.Max(1, _reader.ValueSpan.Length), _expected, out var free) is { } full) return full;
        try
        {
            _output.Advance(_reader.CopyString(free.Span));
            return null;
        }
        catch (InvalidOperationException)
        {
            return Wrong("a text of Unicode");
        }
    }

    // Decoded in place, so that the text is not in memory twice.
    private PublishError? Base64()
    {
        if (_output.GetFree(_reader.ValueSpan.Length + 4, _expected, out var free) is { } full) return full;
        var text = free.Span;
        var length = _reader.CopyString(text);
        while (length > 0 && text[length - 1] == '=') length--;
        text[..length].Replace((byte)'-', (byte)'+');
        text[..length].Replace((byte)'_', (byte)'/');
        while (length % 4 != 0) text[length++] = (byte)'=';
        if (System.Buffers.Text.Base64.DecodeFromUtf8InPlace(text[..length], out var written) != OperationStatus.Done)
            return Wrong("base64, of either alphabet, with or without padding");
        _output.Advance(written);
        return null;
    }

    private PublishError? Number(JsonField field, bool evenZero, bool tagged)
    {
        if (!TryNumber(field, out var value))
        {
            return Wrong(field.Type switch
            {
                FieldType.Bool => "true or false",
                FieldType.Enum => "a name or number of its enum",
                _ => "a whole number within its bounds"
            });
        }
        if (value == 0 && !evenZero) return null;
        if (_output.GetFree(20, _expected, out var free) is { } full) return full;
        var written = tagged ? Varint(free.Span, (ulong)field.Descriptor.FieldNumber << 3) : 0;
        _output.Advance(written + Varint(free.Span[written..], value));
        return null;
    }

    private readonly bool TryNumber(JsonField field, out ulong value)
    {
        value = 0;
        switch (field.Type)
        {
            case FieldType.Bool:
                value = _reader.TokenType == JsonTokenType.True ? 1UL : 0;
                return _reader.TokenType is JsonTokenType.True or JsonTokenType.False;
            case FieldType.Enum when _reader.TokenType == JsonTokenType.String && field.FindWord(in _reader) is { } number:
                value = (ulong)(long)number;
                return true;
            case FieldType.UInt32 or FieldType.UInt64:
                return TryWhole(out var whole)
                    && whole >= 0
                    && whole <= (field.Type == FieldType.UInt32 ? uint.MaxValue : ulong.MaxValue)
                    && (value = (ulong)whole) == whole;
            default:
                var (least, most) = field.Type == FieldType.Int64 ? (long.MinValue, long.MaxValue) : (int.MinValue, int.MaxValue);
                if (!TryWhole(out var signed) || signed < least || signed > most) return false;
                value = (ulong)(long)signed;
                return true;
        }
    }

    // 1, 1.0 and 1e3 are whole numbers, and so are strings of them.
    private readonly bool TryWhole(out Int128 number)
    {
        number = 0;
        if (_reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String or JsonTokenType.PropertyName)
            || _reader.ValueIsEscaped
            || _reader.ValueSpan.Length > MaxNumberLength)
        {
            return false;
        }
        if (Int128.TryParse(_reader.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return true;
        const NumberStyles Float = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!decimal.TryParse(_reader.ValueSpan, Float, CultureInfo.InvariantCulture, out var real) || real != decimal.Truncate(real))
            return false;
        number = (Int128)real;
        return true;
    }

    private PublishError? Pass()
    {
        if (_reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return null;
        var depth = _reader.CurrentDepth;
        while (_reader.Read() && _reader.CurrentDepth > depth)
            if (++_values > MaxValues)
                return TooManyValues;
        return null;
    }

    // The tag, and one byte for the length, which most lengths fit into.
    private PublishError? Begin(int number, out int start)
    {
        start = 0;
        if (_output.GetFree(6, _expected, out var free) is { } full) return full;
        _output.Advance(Varint(free.Span, ((ulong)number << 3) | LengthDelimited) + 1);
        start = _output.Length;
        return null;
    }

    private PublishError? End(int start)
    {
        var length = _output.Length - start;
        var extra = (31 - BitOperations.LeadingZeroCount((uint)length | 1)) / 7;
        if (extra > 0)
        {
            if (_output.GetFree(extra, _expected, out _) is { } full) return full;
            _output.Advance(extra);
            _output.Content.Slice(start, length).CopyTo(_output.Content[(start + extra)..]);
        }

        Varint(_output.Content[(start - 1)..], (ulong)length);
        return null;
    }

    private static int Varint(Span<byte> target, ulong value)
    {
        var written = 0;
        for (; value >= 0x80; value >>= 7) target[written++] = (byte)(value | 0x80);
        target[written++] = (byte)value;
        return written;
    }
}
