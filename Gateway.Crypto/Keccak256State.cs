using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Xmtp.Gateway.Crypto;

/// <summary>An incremental Keccak-256: append parts in order, then finish once. On the stack, without allocations.</summary>
/// <remarks>Start from <see langword="default"/>. After <see cref="Finish"/> it can be used again.</remarks>
public ref struct Keccak256State
{
    /// <summary>Bytes absorbed per permutation: 1600 bits of state minus twice the 256 bits of the hash.</summary>
    public const int Rate = 136;

    private Lanes _lanes;
    private int _offset;

    /// <summary>Absorbs more bytes.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        Span<ulong> state = _lanes;
        while (!data.IsEmpty)
        {
            var taken = _offset % 8 == 0 && data.Length >= 8 ? AbsorbLanes(state, data) : AbsorbPart(state, data);
            data = data[taken..];
            _offset += taken;
            if (_offset < Rate) continue;
            KeccakPermutation.Permute(state);
            _offset = 0;
        }
    }

    /// <summary>Pads, writes the hash, and clears the state.</summary>
    /// <param name="hash">Receives 32 bytes.</param>
    public void Finish(Span<byte> hash)
    {
        if (hash.Length < Keccak256.HashSize) throw new ArgumentException($"a hash needs {Keccak256.HashSize} bytes", nameof(hash));

        // The padding of the Keccak submission: 0x01 … 0x80 (SHA3-256 starts with 0x06).
        Span<ulong> state = _lanes;
        state[_offset / 8] ^= 1UL << (8 * (_offset % 8));
        state[(Rate / 8) - 1] ^= 0x8000000000000000;
        KeccakPermutation.Permute(state);
        for (var i = 0; i < Keccak256.HashSize / 8; i++) BinaryPrimitives.WriteUInt64LittleEndian(hash[(8 * i)..], state[i]);
        state.Clear();
        _offset = 0;
    }

    // Absorbs whole lanes, as many as remain in the block or in the data.
    private readonly int AbsorbLanes(Span<ulong> state, ReadOnlySpan<byte> data)
    {
        var room = state[(_offset / 8)..(Rate / 8)];
        var count = Math.Min(room.Length, data.Length / 8);
        room = room[..count];
        for (var i = 0; i < room.Length; i++, data = data[8..]) room[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(data);
        return 8 * count;
    }

    // Absorbs the rest of a started lane, or the start of a lane that the data does not fill.
    private readonly int AbsorbPart(Span<ulong> state, ReadOnlySpan<byte> data)
    {
        var count = Math.Min(8 - (_offset % 8), data.Length);
        var lane = 0UL;
        for (var i = count - 1; i >= 0; i--) lane = (lane << 8) | data[i];
        state[_offset / 8] ^= lane << (8 * (_offset % 8));
        return count;
    }

    [InlineArray(25)]
    private struct Lanes
    {
        private ulong _first;
    }
}
