using System.Buffers;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>One message in one pooled array, which grows with what arrives and not with what a peer announces.</summary>
/// <remarks>Whoever was given <see cref="Written"/> must be done with it before <see cref="Return"/>. When that is not certain, leave the array to the collector.</remarks>
internal sealed class MessageBuffer
{
    private const int FirstGrowth = 64 * 1024;
    private byte[] array = [];
    private int length;

    /// <summary>The bytes so far.</summary>
    internal ReadOnlyMemory<byte> Written => array.AsMemory(0, length);

    /// <summary>How many bytes there are.</summary>
    internal int Length => length;

    /// <summary>Adds bytes.</summary>
    /// <param name="bytes">What arrived.</param>
    /// <param name="expected">How many bytes there will be in all, when that is known: a hint.</param>
    internal void Append(in ReadOnlySequence<byte> bytes, int expected)
    {
        var count = checked((int)bytes.Length);
        Reserve(count, expected);
        bytes.CopyTo(array.AsSpan(length));
        length += count;
    }

    /// <summary>Room for more bytes; <see cref="Advance"/> says how many were written to it.</summary>
    internal Memory<byte> GetFree(int expected)
    {
        Reserve(1, expected);
        return array.AsMemory(length);
    }

    /// <summary>Counts bytes that were written to <see cref="GetFree"/>.</summary>
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
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        (array, length) = ([], 0);
    }

    private void Reserve(int count, int expected)
    {
        var needed = length + count;
        if (needed <= array.Length) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(expected, Math.Max(FirstGrowth, 2 * length))));
        array.AsSpan(0, length).CopyTo(larger);
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
        array = larger;
    }
}
