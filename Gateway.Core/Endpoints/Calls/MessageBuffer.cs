using System.Buffers;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// One message in one array, which grows with what arrives and not with what a peer announces. What it holds is counted
/// in the call's bytes.
/// </summary>
/// <param name="bytes">What the call holds.</param>
/// <param name="limit">The most bytes of a message.</param>
/// <remarks>
/// Whoever was given <see cref="Written"/> must be done with it before <see cref="Return"/>. When that is not certain,
/// leave the array to the collector.
/// </remarks>
internal sealed class MessageBuffer(CallBytes bytes, int limit)
{
    private const int FirstGrowth = 64 * 1024;
    private byte[] _array = [];
    private int _length;

    /// <summary>The bytes so far.</summary>
    internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, _length);

    /// <summary>The bytes so far, to change them in their place.</summary>
    internal Span<byte> Content => _array.AsSpan(0, _length);

    /// <summary>How many bytes there are.</summary>
    internal int Length => _length;

    /// <summary>The most that a message may have.</summary>
    internal int Limit => limit;

    /// <summary>Another, empty one of the same call.</summary>
    internal MessageBuffer Another() => new(bytes, limit);

    /// <summary>Adds bytes.</summary>
    /// <param name="arrived">What arrived.</param>
    /// <param name="expected">How many bytes there will be in all, when that is known: a hint.</param>
    /// <returns>Null, or why there is no room for them.</returns>
    internal PublishError? Append(in ReadOnlySequence<byte> arrived, int expected)
    {
        if (_length + arrived.Length > limit) return MessageLimit.TooLarge(limit);
        var count = (int)arrived.Length;
        if (MakeRoom(count, expected) is { } full) return full;
        arrived.CopyTo(_array.AsSpan(_length));
        _length += count;
        return null;
    }

    /// <summary>Room for more bytes; <see cref="Advance"/> says how many were written to it.</summary>
    /// <param name="count">
    /// How many at least; one more than fits the limit may be asked for, so that a message that is too large shows.
    /// </param>
    /// <param name="expected">How many bytes there may be in all: a hint.</param>
    /// <param name="free">The room.</param>
    /// <returns>Null, or why there is none.</returns>
    internal PublishError? GetFree(int count, int expected, out Memory<byte> free)
    {
        free = default;
        if (_length + count > limit + 1) return MessageLimit.TooLarge(limit);
        if (MakeRoom(count, expected) is { } full) return full;
        free = _array.AsMemory(_length);
        return null;
    }

    /// <summary>Counts bytes that were written to the room of <see cref="GetFree"/>.</summary>
    internal void Advance(int count) => _length += count;

    /// <summary>Gives the array back and takes over that of another buffer, which is empty then.</summary>
    internal void TakeOver(MessageBuffer other)
    {
        Return();
        _array = other._array;
        _length = other._length;
        other._array = [];
        other._length = 0;
    }

    /// <summary>Gives the array back.</summary>
    internal void Return()
    {
        bytes.Release(_array.Length);
        BodyBuffers.Return(_array);
        _array = [];
        _length = 0;
    }

    private PublishError? MakeRoom(int count, int expected)
    {
        var needed = _length + count;
        if (needed <= _array.Length) return null;
        var larger = BodyBuffers.Rent(Math.Max(needed, Math.Min(expected, Math.Max(FirstGrowth, 2 * _length))));
        if (bytes.Reserve(larger.Length - _array.Length) is { } full)
        {
            BodyBuffers.Return(larger);
            return full;
        }

        _array.AsSpan(0, _length).CopyTo(larger);
        BodyBuffers.Return(_array);
        _array = larger;
        return null;
    }
}
