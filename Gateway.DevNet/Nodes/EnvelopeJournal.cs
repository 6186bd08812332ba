using System.Buffers.Binary;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The file of a store: the envelopes that nodes originated, in order of arrival.</summary>
/// <remarks>
/// <code>an entry: uint32 length, little-endian; a serialized OriginatorEnvelope of that length</code>
/// A batch is one write. A process that is killed during it leaves an incomplete entry, which is cut off at the next
/// start. The file is not flushed to disk: it survives a crash of the process, not of the machine.
/// </remarks>
internal sealed class EnvelopeJournal : IDisposable
{
    private const int LengthSize = sizeof(uint);
    private readonly FileStream _file;

    private EnvelopeJournal(FileStream file) => _file = file;

    /// <summary>Opens or creates a file, and reads it.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process uses it.</exception>
    public static EnvelopeJournal Open(string path, out IReadOnlyList<StoredEnvelope> kept)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        kept = Read(bytes, out var whole);
        file.SetLength(whole);
        file.Position = whole;
        return new EnvelopeJournal(file);
    }

    /// <summary>Appends a batch; envelopes of the App Chain are left out.</summary>
    public void Write(IReadOnlyList<StoredEnvelope> batch)
    {
        var own = batch.Where(envelope => envelope.OriginatorId >= StoredEnvelope.FirstNodeId).ToList();
        if (own.Count == 0) return;
        var bytes = new byte[own.Sum(envelope => LengthSize + envelope.Bytes.Length)];
        var at = 0;
        foreach (var envelope in own)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), (uint)envelope.Bytes.Length);
            envelope.Bytes.Span.CopyTo(bytes.AsSpan(at + LengthSize));
            at += LengthSize + envelope.Bytes.Length;
        }

        _file.Write(bytes);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private static List<StoredEnvelope> Read(ReadOnlyMemory<byte> bytes, out int whole)
    {
        var kept = new List<StoredEnvelope>();
        whole = 0;
        while (bytes.Length - whole >= LengthSize)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span[whole..]);
            if (length > bytes.Length - whole - LengthSize) break;
            if (StoredEnvelope.Read(bytes.Slice(whole + LengthSize, (int)length)) is not { } envelope) break;
            kept.Add(envelope);
            whole += LengthSize + (int)length;
        }

        return kept;
    }
}
