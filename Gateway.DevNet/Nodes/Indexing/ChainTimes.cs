using System.Buffers.Binary;
using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.DevNet.Nodes.Indexing;

/// <summary>The time at which each App Chain envelope was read first. Thread-safe.</summary>
/// <remarks>
/// <code>an entry of the file: uint32 originator, uint64 number, 32 bytes transaction hash, int64 nanoseconds since
/// 1970, all little-endian</code>
/// The chain keeps its envelopes and a restart reads them again; their times are only stored here, and clients order by
/// them. The nodes of one machine share them: a message that one node accepts after a commit is then later than the
/// commit at every node. A chain that lost its last blocks has other transactions under the same sequence ids; these
/// get new times.
/// </remarks>
internal sealed class ChainTimes : IDisposable
{
    private const int EntrySize = sizeof(uint) + sizeof(ulong) + Bytes32.Size + sizeof(long);
    private readonly Lock _gate = new();
    private readonly Dictionary<(uint Originator, ulong Number), (Bytes32 Transaction, long Nanoseconds)> _times = [];
    private readonly FileStream? _file;
    private long _last;

    /// <summary>Starts empty, in memory only.</summary>
    public ChainTimes()
    {
    }

    /// <summary>Loads a file and appends to it.</summary>
    /// <param name="path">The file; it is created if missing.</param>
    /// <exception cref="IOException">It cannot be opened, or another process uses it.</exception>
    public ChainTimes(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var bytes = new byte[_file.Length / EntrySize * EntrySize];
        _file.ReadExactly(bytes);
        _file.SetLength(bytes.Length);
        for (var at = 0; at < bytes.Length; at += EntrySize) Read(bytes.AsSpan(at, EntrySize));
    }

    /// <summary>The time of an envelope: the stored one, or a new one later than all others.</summary>
    /// <param name="originator">0 or 1.</param>
    /// <param name="number">Its sequence id there.</param>
    /// <param name="transaction">The transaction that ordered it.</param>
    /// <param name="now">Returns the current time.</param>
    public long Of(uint originator, ulong number, Bytes32 transaction, Func<long> now)
    {
        lock (_gate)
        {
            if (_times.TryGetValue((originator, number), out var known) && known.Transaction == transaction) return known.Nanoseconds;
            _last = Math.Max(now(), _last + 1);
            _times[(originator, number)] = (transaction, _last);
            Write(originator, number, transaction, _last);
            return _last;
        }
    }

    /// <summary>Closes the file, if any.</summary>
    public void Dispose() => _file?.Dispose();

    private void Read(ReadOnlySpan<byte> entry)
    {
        var nanoseconds = BinaryPrimitives.ReadInt64LittleEndian(entry[(EntrySize - sizeof(long))..]);
        _times[(BinaryPrimitives.ReadUInt32LittleEndian(entry), BinaryPrimitives.ReadUInt64LittleEndian(entry[sizeof(uint)..]))] =
            (new Bytes32(entry.Slice(sizeof(uint) + sizeof(ulong), Bytes32.Size)), nanoseconds);
        _last = Math.Max(_last, nanoseconds);
    }

    private void Write(uint originator, ulong number, Bytes32 transaction, long nanoseconds)
    {
        if (_file is null) return;
        Span<byte> entry = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, originator);
        BinaryPrimitives.WriteUInt64LittleEndian(entry[sizeof(uint)..], number);
        transaction.ToArray().CopyTo(entry[(sizeof(uint) + sizeof(ulong))..]);
        BinaryPrimitives.WriteInt64LittleEndian(entry[(EntrySize - sizeof(long))..], nanoseconds);
        _file.Write(entry);
    }
}
