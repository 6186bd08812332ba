using System.Buffers.Binary;

namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>The file of the staged envelopes, so that they are published after a restart.</summary>
/// <remarks>
/// <code>an entry: uint32 length, uint64 number, int64 nanoseconds since 1970, all little-endian; a serialized
/// PayerEnvelope of that length</code>
/// A batch is one write; an incomplete entry is cut off. The file is emptied whenever nothing is staged.
/// </remarks>
internal sealed class StagingJournal : IDisposable
{
    private const int HeadSize = sizeof(uint) + sizeof(ulong) + sizeof(long);
    private readonly FileStream _file;

    private StagingJournal(FileStream file) => _file = file;

    /// <summary>Opens or creates a file, and reads it.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process uses it.</exception>
    public static StagingJournal Open(string path, out IReadOnlyList<StagedEnvelope> kept)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        kept = Read(bytes, out var whole);
        file.SetLength(whole);
        file.Position = whole;
        return new StagingJournal(file);
    }

    /// <summary>Appends a batch.</summary>
    public void Write(IReadOnlyList<StagedEnvelope> batch)
    {
        var bytes = new byte[batch.Sum(staged => HeadSize + staged.Envelope.Bytes.Length)];
        var rest = bytes.AsSpan();
        foreach (var staged in batch)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)staged.Envelope.Bytes.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[sizeof(uint)..], staged.SequenceId);
            BinaryPrimitives.WriteInt64LittleEndian(rest[(sizeof(uint) + sizeof(ulong))..], staged.Nanoseconds);
            staged.Envelope.Bytes.Span.CopyTo(rest[HeadSize..]);
            rest = rest[(HeadSize + staged.Envelope.Bytes.Length)..];
        }

        _file.Write(bytes);
    }

    /// <summary>Removes all entries.</summary>
    public void Clear() => _file.SetLength(0);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static List<StagedEnvelope> Read(ReadOnlyMemory<byte> bytes, out int whole)
    {
        var kept = new List<StagedEnvelope>();
        whole = 0;
        while (bytes.Length - whole >= HeadSize)
        {
            var head = bytes.Span[whole..];
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head);
            if (length > bytes.Length - whole - HeadSize) break;
            if (CheckedPayerEnvelope.Read(bytes.Slice(whole + HeadSize, (int)length)) is not { } envelope) break;
            kept.Add(new StagedEnvelope(
                BinaryPrimitives.ReadUInt64LittleEndian(head[sizeof(uint)..]),
                BinaryPrimitives.ReadInt64LittleEndian(head[(sizeof(uint) + sizeof(ulong))..]),
                envelope,
                Timestamp: null));
            whole += HeadSize + (int)length;
        }

        return kept;
    }
}
