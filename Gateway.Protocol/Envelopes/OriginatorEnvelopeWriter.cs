using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Writes originator envelopes: for messages that the App Chain ordered, and for nodes of the local network.</summary>
public static class OriginatorEnvelopeWriter
{
    /// <summary>Serializes an UnsignedOriginatorEnvelope.</summary>
    /// <param name="nodeId">The originator.</param>
    /// <param name="sequenceId">The sequence id there, from 1.</param>
    /// <param name="nanoseconds">The originator's time, in nanoseconds since 1970.</param>
    /// <param name="payerEnvelope">The serialized PayerEnvelope.</param>
    /// <param name="baseFee">The base fee, in picodollars.</param>
    /// <param name="congestionFee">The congestion fee, in picodollars.</param>
    /// <param name="expiry">When it may be deleted, in seconds since 1970; 0 for never.</param>
    public static byte[] UnsignedEnvelope(
        uint nodeId, ulong sequenceId, long nanoseconds, ReadOnlySpan<byte> payerEnvelope,
        ulong baseFee = 0, ulong congestionFee = 0, ulong expiry = 0)
    {
        var bytes = new byte[ProtoWriter.VarintFieldSize(nodeId) + ProtoWriter.VarintFieldSize(sequenceId)
            + ProtoWriter.VarintFieldSize((ulong)nanoseconds) + ProtoWriter.BytesFieldSize(payerEnvelope.Length)
            + ProtoWriter.VarintFieldSize(baseFee) + ProtoWriter.VarintFieldSize(congestionFee) + ProtoWriter.VarintFieldSize(expiry)];
        var writer = new ProtoWriter(bytes);
        writer.VarintField(1, nodeId);
        writer.VarintField(2, sequenceId);
        writer.VarintField(3, (ulong)nanoseconds);
        writer.BytesField(4, payerEnvelope);
        writer.VarintField(5, baseFee);
        writer.VarintField(6, congestionFee);
        writer.VarintField(7, expiry);
        return bytes;
    }

    /// <summary>Serializes a PayerEnvelope that only contains a client envelope, like those of the App Chain.</summary>
    public static byte[] PayerEnvelope(ReadOnlySpan<byte> clientEnvelope) => Wrap(1, clientEnvelope);

    /// <summary>Serializes an OriginatorEnvelope with the originator's signature (65 bytes).</summary>
    public static byte[] SignedEnvelope(ReadOnlySpan<byte> unsignedEnvelope, ReadOnlySpan<byte> signature) =>
        WithProof(2, unsignedEnvelope, signature);

    /// <summary>Serializes an OriginatorEnvelope with a transaction's hash (32 bytes) as its proof.</summary>
    public static byte[] ChainEnvelope(ReadOnlySpan<byte> unsignedEnvelope, ReadOnlySpan<byte> transactionHash) =>
        WithProof(3, unsignedEnvelope, transactionHash);

    // Either proof is a message whose field 1 holds the bytes.
    private static byte[] WithProof(int field, ReadOnlySpan<byte> unsignedEnvelope, ReadOnlySpan<byte> proof)
    {
        var inner = ProtoWriter.BytesFieldSize(proof.Length);
        var bytes = new byte[ProtoWriter.BytesFieldSize(unsignedEnvelope.Length) + ProtoWriter.BytesFieldSize(inner)];
        var writer = new ProtoWriter(bytes);
        writer.BytesField(1, unsignedEnvelope);
        writer.BytesHeader(field, inner);
        writer.BytesField(1, proof);
        return bytes;
    }

    private static byte[] Wrap(int field, ReadOnlySpan<byte> content)
    {
        var bytes = new byte[ProtoWriter.BytesFieldSize(content.Length)];
        new ProtoWriter(bytes).BytesField(field, content);
        return bytes;
    }
}
