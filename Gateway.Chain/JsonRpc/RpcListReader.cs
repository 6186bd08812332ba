using System.Buffers;
using System.Text.Json;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Reads a response whose result is a list while it arrives: each item is read and forgotten, only the results are kept.</summary>
/// <typeparam name="T">The type of an item.</typeparam>
/// <param name="method">The method of the request.</param>
/// <param name="readItem">Reads an item; null leaves it out. Throws <see cref="FormatException"/> when it is none.</param>
/// <remarks>
/// It takes and refuses what <see cref="RpcResponse"/> does: a byte order mark, a message in an array, members in any order, null
/// for an empty list. Write into <see cref="Space"/>, then <see cref="Advance"/>; at the end <see cref="Complete"/>.
/// </remarks>
internal sealed class RpcListReader<T>(string method, Func<JsonElement, T?> readItem) : IDisposable
    where T : class
{
    private const int MinSpace = 16 << 10;
    private const int MaxBeginning = 8 << 10;
    private readonly ArrayBufferWriter<byte> _beginning = new(256);
    private readonly List<T> _items = [];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(4 * MinSpace);
    private int _start;
    private int _end;
    private int _readAt;
    private JsonReaderState _state;
    private Place _place = Place.Message;
    private bool _isInArray;
    private bool _hasResult;
    private string? _fault;
    private RpcError? _malformed;
    private JsonElement? _error;

    private enum Place
    {
        Message,
        Member,
        Result,
        Items,
        Error,
        Other,
        AfterMessage,
    }

    /// <summary>The first bytes of the response, for words about a limit in what is no answer.</summary>
    public ReadOnlySpan<byte> Beginning => _beginning.WrittenSpan;

    /// <summary>Whether the response had a result, which may be another one than a list.</summary>
    public bool HasResult => _malformed is null && _hasResult && _error is null;

    /// <summary>Where the next bytes of the response go.</summary>
    public Memory<byte> Space()
    {
        if (_buffer.Length - _end < MinSpace) MakeSpace();
        return _buffer.AsMemory(_end);
    }

    /// <summary>Reads the bytes that were written into <see cref="Space"/>.</summary>
    public void Advance(int count)
    {
        var more = _buffer.AsSpan(_end, count);
        if (_beginning.WrittenCount < MaxBeginning) _beginning.Write(more[..Math.Min(count, MaxBeginning - _beginning.WrittenCount)]);
        _end += count;
        Read(isFinal: false);
    }

    /// <summary>The items, or the error.</summary>
    public RpcResult<IReadOnlyList<T>> Complete()
    {
        Read(isFinal: true);
        if (_malformed is not null) return _malformed;
        if (_error is { } error) return ReadError(error);
        if (!_hasResult) return RpcError.Malformed(method, "the answer has neither result nor error");
        return _fault is null ? RpcResult<IReadOnlyList<T>>.Of(_items) : RpcError.Malformed(method, _fault);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    // What was read goes; an item that is longer than the buffer needs a larger one.
    private void MakeSpace()
    {
        var left = _buffer.AsSpan(_start, _end - _start);
        var target = left.Length > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
        left.CopyTo(target);
        if (target != _buffer) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        _end = left.Length;
        _start = 0;
    }

    private void Read(bool isFinal)
    {
        if (_malformed is null && !TryRead(isFinal)) _malformed ??= RpcError.Malformed(method, "the answer is not JSON");
        if (_malformed is null) return;
        _start = 0;
        _end = 0;
    }

    private bool TryRead(bool isFinal)
    {
        if (!isFinal && (_beginning.WrittenCount < RpcResponse.ByteOrderMark.Length || _end - _start < _readAt)) return true;
        if (_place == Place.Message && !_isInArray && _start == 0 && _buffer.AsSpan(0, _end).StartsWith(RpcResponse.ByteOrderMark))
            _start = RpcResponse.ByteOrderMark.Length;
        var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), isFinal, _state);
        try
        {
            var read = reader;
            while (ReadNext(ref read)) reader = read;
        }
        catch (Exception exception) when (JsonText.IsFault(exception))
        {
            return false;
        }

        _state = reader.CurrentState;
        _start += (int)reader.BytesConsumed;
        // A long value is looked at again when twice as much of it is there.
        _readAt = reader.BytesConsumed > 0 ? 0 : 2 * (_end - _start);
        return !isFinal || _place == Place.AfterMessage;
    }

    // Reads one token, or one whole value; false when it has not arrived completely, or nothing is left.
    private bool ReadNext(ref Utf8JsonReader reader)
    {
        if (!reader.Read()) return false;
        switch (_place)
        {
            case Place.Message when reader.TokenType == JsonTokenType.StartArray && !_isInArray:
                _isInArray = true;
                return true;
            case Place.Message:
                _place = Place.Member;
                return reader.TokenType == JsonTokenType.StartObject || IsNoMessage();
            case Place.Member when reader.TokenType == JsonTokenType.EndObject:
                _place = Place.AfterMessage;
                return true;
            case Place.Member:
                _place = reader.ValueTextEquals("result"u8) ? Place.Result : reader.ValueTextEquals("error"u8) ? Place.Error : Place.Other;
                return true;
            case Place.Result when reader.TokenType == JsonTokenType.StartArray:
                _hasResult = true;
                _place = Place.Items;
                _items.Clear();
                return true;
            case Place.Items when reader.TokenType == JsonTokenType.EndArray:
                _place = Place.Member;
                return true;
            case Place.AfterMessage:
                return (_isInArray && reader.TokenType == JsonTokenType.EndArray) || IsNoMessage();
            default:
                return ReadValue(ref reader);
        }
    }

    private bool ReadValue(ref Utf8JsonReader reader)
    {
        var whole = reader;
        if (!whole.TrySkip()) return false;
        if (_place == Place.Items) Add(JsonElement.ParseValue(ref reader));
        else if (_place == Place.Error && reader.TokenType != JsonTokenType.Null) _error = JsonElement.ParseValue(ref reader);
        else if (_place == Place.Result)
        {
            _hasResult = true;
            if (reader.TokenType != JsonTokenType.Null) _fault ??= "expected an array";
        }

        reader = whole;
        if (_place != Place.Items) _place = Place.Member;
        return true;
    }

    private void Add(JsonElement item)
    {
        if (_fault is not null) return;
        try
        {
            if (readItem(item) is { } read) _items.Add(read);
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            _fault = exception.Message;
        }
    }

    private RpcError ReadError(JsonElement error)
    {
        try
        {
            return RpcResponse.ReadError(method, error);
        }
        catch (InvalidOperationException)
        {
            return RpcError.Malformed(method, "the answer is not JSON");
        }
    }

    private bool IsNoMessage()
    {
        _malformed = RpcError.Malformed(method, "the answer is not a JSON object");
        return false;
    }
}
