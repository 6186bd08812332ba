using System.Buffers;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>One message in one array, which grows with what arrives and not with what a peer announces. What it holds is counted in the call's bytes.</summary>
/// <param name="bytes">What the call holds.</param>
/// <param name="limit">The most bytes of a message.</param>
/// <remarks>Whoever was given <see cref="Written"/> must be done with it before <see cref="Return"/>. When that is not certain, leave the array to the collector.</remarks>
internal sealed class MessageBuffer(CallBytes bytes, int limit)
{
    private const int FirstGrowth = 64 * 1024;
    private byte[] array = [];
    private int length;

    /// <summary>The bytes so far.</summary>
    internal ReadOnlyMemory<byte> Written => array.AsMemory(0, length);

    /// <summary>The bytes so far, to change them in their place.</summary>
    internal Span<byte> Content => array.AsSpan(0, length);

    /// <summary>How many bytes there are.</summary>
    internal int Length => length;

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
        if (length + arrived.Length > limit) return MessageLimit.TooLarge(limit);
        var count = (int)arrived.Length;
        if (MakeRoom(count, expected) is { } full) return full;
        arrived.CopyTo(array.AsSpan(length));
        length += count;
        return null;
    }

    /// <summary>Room for more bytes; <see cref="Advance"/> says how many were written to it.</summary>
    /// <param name="count">How many at least; one more than fits the limit may be asked for, so that a message that is too large shows.</param>
    /// <param name="expected">How many bytes there may be in all: a hint.</param>
    /// <param name="free">The room.</param>
    /// <returns>Null, or why there is none.</returns>
    internal PublishError? GetFree(int count, int expected, out Memory<byte> free)
    {
        free = default;
        if (length + count > limit + 1) return MessageLimit.TooLarge(limit);
        if (MakeRoom(count, expected) is { } full) return full;
        free = array.AsMemory(length);
        return null;
    }

    /// <summary>Counts bytes that were written to the room of <see cref="GetFree"/>.</summary>
    internal void Advance(int count) => length += count;

    /// <summary>Gives the array back and takes over that of another buffer, which is empty then.</summary>
    internal void TakeOver(MessageBuffer other)
    {
        Return();
        (array, length) = (other.array, other.length);
        (other.array, other.length) = ([], 0);
    }

    /// <summary>Gives the array back.</summary>
    internal void Return()
    {
        bytes.Release(array.Length);
        BodyBuffers.Return(array);
        (array, length) = ([], 0);
    }

    private PublishError? MakeRoom(int count, int expected)
    {
        var needed = length + count;
        if (needed <= array.Length) return null;
        var larger = BodyBuffers.Rent(Math.Max(needed, Math.Min(expected, Math.Max(FirstGrowth, 2 * length))));
        if (bytes.Reserve(larger.Length - array.Length) is { } full)
        {
            BodyBuffers.Return(larger);
            return full;
        }

        array.AsSpan(0, length).CopyTo(larger);
        BodyBuffers.Return(array);
        array = larger;
        return null;
    }
}
