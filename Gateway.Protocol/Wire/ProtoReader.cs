namespace Xmtp.Gateway.Protocol.Wire;

/// <summary>Iterates over the fields of one serialized protobuf message, without copying.</summary>
/// <remarks>
/// Layout of a field: varint key = number &lt;&lt; 3 | wire type; then by type 0 varint, 1 eight bytes, 2 varint length
/// and that many bytes, 3/4 start/end of a group, 5 four bytes. Whatever a conforming parser rejects is rejected here,
/// since the bytes are forwarded unchanged: both must read the same message.
/// </remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    internal const int Varint = 0, Fixed64 = 1, Bytes = 2, StartGroup = 3, EndGroup = 4, Fixed32 = 5;
    private const int MaxGroupDepth = 64;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;

    /// <summary>The number of the current field.</summary>
    internal int Field { get; private set; }

    internal int WireType { get; private set; }

    /// <summary>The value of a varint field.</summary>
    internal ulong Value { get; private set; }

    /// <summary>The position of a length-delimited field's bytes in the message.</summary>
    internal Range Content { get; private set; }

    /// <summary>The bytes of a length-delimited field.</summary>
    internal readonly ReadOnlySpan<byte> ContentBytes => _message[Content];

    /// <summary>Whether the message is malformed; then no more fields follow.</summary>
    internal bool Malformed { get; private set; }

    /// <summary>Advances to the next field.</summary>
    /// <returns>False at the end, or when the message is malformed.</returns>
    internal bool Read()
    {
        if (_position == _message.Length || Malformed) return false;
        if (ReadKey() && ReadValue(0)) return true;
        Malformed = true;
        return false;
    }

    /// <summary>Advances past the next element of a packed field of varints.</summary>
    /// <returns>As <see cref="Read"/>.</returns>
    internal bool ReadPackedVarint()
    {
        if (_position == _message.Length || Malformed) return false;
        if (TryReadVarint(out _)) return true;
        Malformed = true;
        return false;
    }

    private bool ReadKey()
    {
        // A key is a 32-bit number in at most five bytes; field numbers are 1 to 2^29 - 1. Parsers differ on longer
        // keys: rejected.
        var start = _position;
        if (!TryReadVarint(out var key) || key > uint.MaxValue || _position - start > 5) return false;
        Field = (int)(key >> 3);
        WireType = (int)(key & 7);
        return Field != 0;
    }

    private bool ReadValue(int depth)
    {
        switch (WireType)
        {
            case Varint:
                if (!TryReadVarint(out var value)) return false;
                Value = value;
                return true;
            case Fixed64: return TrySkip(8);
            case Fixed32: return TrySkip(4);
            case Bytes:
                if (!TryReadVarint(out var length) || length > (ulong)(_message.Length - _position)) return false;
                Content = _position..(_position + (int)length);
                _position += (int)length;
                return true;
            case StartGroup: return SkipGroup(depth + 1);
            default: return false;
        }
    }

    private bool SkipGroup(int depth)
    {
        if (depth > MaxGroupDepth) return false;
        var group = Field;
        while (_position < _message.Length && ReadKey())
        {
            if (WireType == EndGroup)
            {
                var closes = Field == group;
                Field = group;
                WireType = StartGroup;
                return closes;
            }

            if (!ReadValue(depth)) return false;
        }

        return false;
    }

    private bool TrySkip(int count)
    {
        if (_message.Length - _position < count) return false;
        _position += count;
        return true;
    }

    private bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (_position == _message.Length) return false;
            var b = _message[_position++];
            if (shift == 63 && b > 1) return false;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return true;
        }

        return false;
    }
}
