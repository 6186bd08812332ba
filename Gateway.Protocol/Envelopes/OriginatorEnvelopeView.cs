using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>The parts of an OriginatorEnvelope that the gateway reads: slices of the originator's bytes.</summary>
/// <param name="Bytes">The serialized OriginatorEnvelope.</param>
/// <param name="UnsignedEnvelope">The serialized UnsignedOriginatorEnvelope in it.</param>
/// <param name="Signature">The originator's signature; empty when the proof is a transaction.</param>
/// <param name="OriginatorNodeId">The node that assigned the sequence id.</param>
/// <param name="SequenceId">The sequence id at that node.</param>
/// <param name="PayerEnvelope">The serialized PayerEnvelope in the unsigned envelope.</param>
/// <param name="ClientEnvelope">The serialized ClientEnvelope in the payer envelope.</param>
/// <remarks>
/// <code>
/// originator envelope: 1 unsigned envelope  2 signature { 1 bytes }  3 blockchain proof { 1 hash }
/// unsigned envelope:   1 node id  2 sequence id  3 nanoseconds  4 payer envelope  5, 6 fees  7 expiry
/// payer envelope:      1 client envelope  2 payer signature  3 target  4 retention
/// </code>
/// </remarks>
public readonly record struct OriginatorEnvelopeView(
    ReadOnlyMemory<byte> Bytes,
    ReadOnlyMemory<byte> UnsignedEnvelope,
    ReadOnlyMemory<byte> Signature,
    uint OriginatorNodeId,
    ulong SequenceId,
    ReadOnlyMemory<byte> PayerEnvelope,
    ReadOnlyMemory<byte> ClientEnvelope)
{
    /// <summary>The fee for the message and its storage, in picodollars, as the originator signed it; 0 for the App Chain.</summary>
    public ulong BaseFee { get; init; }

    /// <summary>The congestion fee, in picodollars, as of the response; the final charge may differ by a few units.</summary>
    public ulong CongestionFee { get; init; }

    /// <summary>The sum of both fees, in picodollars.</summary>
    public UInt128 Fees => (UInt128)BaseFee + CongestionFee;

    /// <summary>Reads one OriginatorEnvelope.</summary>
    /// <returns>False when the bytes are not an OriginatorEnvelope.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out OriginatorEnvelopeView view)
    {
        view = default;
        ReadOnlyMemory<byte> unsignedEnvelope = default, signature = default;
        var reader = new ProtoReader(bytes.Span);
        while (reader.Read())
        {
            if (reader.WireType != ProtoReader.Bytes) continue;
            // The proof is a oneof: a transaction that follows a signature replaces it, and a second signature is merged.
            if (reader.Field == 1) unsignedEnvelope = bytes[reader.Content];
            else if (reader.Field == 3) signature = default;
            else if (reader.Field == 2 && !TryReadField1(bytes[reader.Content], ref signature)) return false;
        }

        if (reader.Malformed || !TryReadUnsigned(unsignedEnvelope, out var read)) return false;
        var client = ReadOnlyMemory<byte>.Empty;
        if (!TryReadField1(read.PayerEnvelope, ref client)) return false;
        view = read with { Bytes = bytes, Signature = signature, ClientEnvelope = client };
        return true;
    }

    /// <summary>
    /// Reads the OriginatorEnvelopes of a PublishPayerEnvelopesResponse or PublishClientEnvelopesResponse (field 1 of
    /// either) as slices.
    /// </summary>
    /// <returns>False when the bytes are not such a message.</returns>
    public static bool TryReadResponse(ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> envelopes)
    {
        var reader = new ProtoReader(response.Span);
        while (reader.Read())
            if (reader is { Field: 1, WireType: ProtoReader.Bytes })
                envelopes.Add(response[reader.Content]);
        return !reader.Malformed;
    }

    private static bool TryReadUnsigned(ReadOnlyMemory<byte> bytes, out OriginatorEnvelopeView read)
    {
        var (node, sequence, baseFee, congestionFee, payer) = (0u, 0ul, 0ul, 0ul, ReadOnlyMemory<byte>.Empty);
        var reader = new ProtoReader(bytes.Span);
        while (reader.Read())
        {
            if (reader is { Field: 1, WireType: ProtoReader.Varint }) node = (uint)reader.Value;
            else if (reader is { Field: 2, WireType: ProtoReader.Varint }) sequence = reader.Value;
            else if (reader is { Field: 4, WireType: ProtoReader.Bytes }) payer = bytes[reader.Content];
            else if (reader is { Field: 5, WireType: ProtoReader.Varint }) baseFee = reader.Value;
            else if (reader is { Field: 6, WireType: ProtoReader.Varint }) congestionFee = reader.Value;
        }

        read = new OriginatorEnvelopeView(default, bytes, default, node, sequence, payer, default)
        {
            BaseFee = baseFee,
            CongestionFee = congestionFee,
        };
        return !reader.Malformed;
    }

    // Leaves the content unchanged when the message has no field 1.
    private static bool TryReadField1(ReadOnlyMemory<byte> message, ref ReadOnlyMemory<byte> content)
    {
        var reader = new ProtoReader(message.Span);
        while (reader.Read())
            if (reader is { Field: 1, WireType: ProtoReader.Bytes })
                content = message[reader.Content];
        return !reader.Malformed;
    }
}
