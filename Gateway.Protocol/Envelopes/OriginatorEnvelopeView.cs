namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>What the gateway reads of an OriginatorEnvelope: slices of the bytes that the originator sent.</summary>
/// <param name="Bytes">The serialized OriginatorEnvelope.</param>
/// <param name="UnsignedEnvelope">The serialized UnsignedOriginatorEnvelope in it.</param>
/// <param name="Signature">The originator's signature; empty when the proof is a transaction.</param>
/// <param name="OriginatorNodeId">The node that numbered it.</param>
/// <param name="SequenceId">Its number at that node.</param>
/// <param name="PayerEnvelope">The serialized PayerEnvelope in it.</param>
/// <param name="ClientEnvelope">The serialized ClientEnvelope in that.</param>
public readonly record struct OriginatorEnvelopeView(
    ReadOnlyMemory<byte> Bytes,
    ReadOnlyMemory<byte> UnsignedEnvelope,
    ReadOnlyMemory<byte> Signature,
    uint OriginatorNodeId,
    ulong SequenceId,
    ReadOnlyMemory<byte> PayerEnvelope,
    ReadOnlyMemory<byte> ClientEnvelope)
{
    /// <summary>Reads one OriginatorEnvelope.</summary>
    /// <returns>False when the bytes are not one.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out OriginatorEnvelopeView view) => throw new NotImplementedException();

    /// <summary>Reads the OriginatorEnvelopes of a PublishPayerEnvelopesResponse or PublishClientEnvelopesResponse (field 1 of either) as slices.</summary>
    /// <returns>False when the bytes are no such message.</returns>
    public static bool TryReadResponse(ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> envelopes) => throw new NotImplementedException();
}
