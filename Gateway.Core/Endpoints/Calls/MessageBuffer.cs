using System.Buffers;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>
/// One message in one array, which grows with what arrives and not with what a peer announces. Its size is counted in
/// the call's bytes.
/// </summary>
/// <param name="bytes">The call's bytes.</param>
/// <param name="limit">The max bytes of a message.</param>
/// <remarks>
/// <see cref="Written"/> must not be used any more after <see cref="Return"/>. If that is not certain, do not return
/// the array but leave it to the garbage collector.
/// </remarks>
internal sealed class MessageBuffer(CallBytes bytes, int limit)
{
    private const int FirstGrowth = 64 * 1024;
    private byte[] _array = [];
    private int _length;

    /// <summary>The bytes written so far.</summary>
    internal ReadOnlyMemory<byte> Written => _array.AsMemory(0, _length);

    /// <summary>The bytes written so far, to change them in place.</summary>
    internal Span<byte> Content => _array.AsSpan(0, _length);

    /// <summary>The number of bytes written.</summary>
    internal int Length => _length;

    /// <summary>The max bytes of a message.</summary>
    internal int Limit => limit;

    /// <summary>Another, empty buffer of the same call.</summary>
    internal MessageBuffer Another() => new(bytes, limit);

    /// <summary>Appends bytes.</summary>
    /// <param name="arrived">The bytes that arrived.</param>
    /// <param name="expected">The expected total number of bytes, if known: a hint.</param>
    /// <returns>Null, or the error when there is no room for them.</returns>
    internal PublishError? Append(in ReadOnlySequence<byte> arrived, int expected)
    {
        if (_length + arrived.Length > limit) return MessageLimit.TooLarge(limit);
        var count = (int)arrived.Length;
        if (MakeRoom(count, expected) is { } full) return full;
        arrived.CopyTo(_array.AsSpan(_length));
        _length += count;
        return null;
    }

    /// <summary>Gets free space; after writing to it, <see cref="Advance"/> must be called.</summary>
    /// <param name="count">
    /// The min size; one more than the limit may be requested, to detect a message that is too large.
    /// </param>
    /// <param name="expected">The expected total number of bytes: a hint.</param>
    /// <param name="free">The free space.</param>
    /// <returns>Null, or the error when there is none.</returns>
    internal PublishError? GetFree(int count, int expected, out Memory<byte> free)
    {
        free = default;
        if (_length + count > limit + 1) return MessageLimit.TooLarge(limit);
        if (MakeRoom(count, expected) is { } full) return full;
        free = _array.AsMemory(_length);
        return null;
    }

    /// <summary>Counts bytes that were written to the space of <see cref="GetFree"/>.</summary>
    internal void Advance(int count) => _length += count;

    /// <summary>Returns the array and takes over that of another buffer, which is empty afterwards.</summary>
    internal void TakeOver(MessageBuffer other)
    {
        Return();
        _array = other._array;
        _length = other._length;
        other._array = [];
        other._length = 0;
    }

    /// <summary>Returns the array.</summary>
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
