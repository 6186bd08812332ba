using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// What an envelope depends on (aad.depends_on): a node refuses it until it has seen these envelopes of the App Chain.
/// </summary>
/// <param name="GroupMessage">The sequence id of originator 0, group messages; null when none is named.</param>
/// <param name="IdentityUpdate">The sequence id of originator 1, identity updates; null when none is named.</param>
/// <param name="HasOthers">Whether it names other originators, which no node accepts.</param>
public readonly record struct EnvelopeDependencies(ulong? GroupMessage, ulong? IdentityUpdate, bool HasOthers)
{
    /// <summary>Reads them from a serialized ClientEnvelope that was checked (<see cref="EnvelopeReader"/>).</summary>
    /// <remarks>As parsers do: fields that are given again are merged, and the last value of an originator counts.</remarks>
    public static EnvelopeDependencies Read(ReadOnlySpan<byte> envelope)
    {
        var found = default(EnvelopeDependencies);
        var fields = new ProtoReader(envelope);
        while (fields.Read())
        {
            if (fields is not { Field: 1, WireType: ProtoReader.Bytes }) continue;
            var aad = new ProtoReader(fields.ContentBytes);
            while (aad.Read())
                if (aad is { Field: 3, WireType: ProtoReader.Bytes })
                    found = found.With(aad.ContentBytes);
            return found;
        }

        return found;
    }

    private EnvelopeDependencies With(ReadOnlySpan<byte> cursor)
    {
        var all = this;
        var entries = new ProtoReader(cursor);
        while (entries.Read())
        {
            if (entries is not { Field: 1, WireType: ProtoReader.Bytes }) continue;
            var (originator, sequence) = Entry(entries.ContentBytes);
            all = originator switch
            {
                0 => all with { GroupMessage = sequence },
                1 => all with { IdentityUpdate = sequence },
                _ => all with { HasOthers = true },
            };
        }

        return all;
    }

    private static (uint Originator, ulong Sequence) Entry(ReadOnlySpan<byte> bytes)
    {
        var (originator, sequence) = (0u, 0ul);
        var entry = new ProtoReader(bytes);
        while (entry.Read())
        {
            if (entry is { Field: 1, WireType: ProtoReader.Varint }) originator = (uint)entry.Value;
            else if (entry is { Field: 2, WireType: ProtoReader.Varint }) sequence = entry.Value;
        }

        return (originator, sequence);
    }
}
