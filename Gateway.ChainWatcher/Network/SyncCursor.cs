using System.Buffers;
using Google.Protobuf;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>A message of <c>SubscribeSyncCursor</c>: the last sequence id that a node has of each originator.</summary>
/// <param name="Last">By originator id; null when the message contains no cursor.</param>
/// <remarks>
/// GetSyncCursorResponse has one field, the cursor (1), which has one field, a map (1) of uint32 to uint64.
/// </remarks>
internal sealed record SyncCursor(IReadOnlyDictionary<uint, ulong>? Last)
{
    private const uint Nested = (1 << 3) | (uint)WireFormat.WireType.LengthDelimited;
    private const uint Key = (1 << 3) | (uint)WireFormat.WireType.Varint;
    private const uint Value = (2 << 3) | (uint)WireFormat.WireType.Varint;

    /// <summary>Reads a GetSyncCursorResponse.</summary>
    /// <exception cref="InvalidProtocolBufferException">It is not one.</exception>
    public static SyncCursor Read(ReadOnlySequence<byte> message)
    {
        Dictionary<uint, ulong>? last = null;
        ForEachNested(new CodedInputStream(message.ToArray()), cursor =>
        {
            last ??= [];
            ForEachNested(cursor, entry =>
            {
                var (originator, sequenceId) = ReadEntry(entry);
                last[originator] = sequenceId;
            });
        });
        return new SyncCursor(last);
    }

    private static void ForEachNested(CodedInputStream input, Action<CodedInputStream> read)
    {
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == Nested) read(input.ReadBytes().CreateCodedInput());
            else input.SkipLastField();
        }
    }

    private static (uint Originator, ulong SequenceId) ReadEntry(CodedInputStream input)
    {
        var (originator, sequenceId) = (0u, 0ul);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == Key) originator = input.ReadUInt32();
            else if (tag == Value) sequenceId = input.ReadUInt64();
            else input.SkipLastField();
        }

        return (originator, sequenceId);
    }
}
