using System.Buffers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Writes a PublishPayerEnvelopesRequest around unchanged client envelopes.</summary>
/// <remarks>
/// <code>
/// request:        1 payer_envelope, repeated
/// payer_envelope: 1 unsigned_client_envelope  2 payer_signature { 1 bytes }  3 target_originator  4 message_retention_days
/// </code>
/// </remarks>
public static class PayerEnvelopeWriter
{
    /// <summary>The retention that the gateway requests, in days, as the original does.</summary>
    public const uint RetentionDays = 60;

    /// <summary>The size of one signature, in bytes: r, s, v.</summary>
    public const int SignatureSize = 65;

    // The payer_signature field: key and length; in it key, length, 65 bytes.
    private const int SignatureFieldSize = 2 + 2 + SignatureSize;
    private const int MaxHeaderSize = 1 + 5;

    /// <summary>The exact size in bytes of the request that <see cref="Write"/> writes.</summary>
    public static int GetSize(uint targetOriginator, IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var size = 0;
        for (var i = 0; i < envelopes.Count; i++)
            size += ProtoWriter.BytesFieldSize(PayerEnvelopeSize(targetOriginator, envelopes[i].Bytes.Length));
        return size;
    }

    /// <summary>Writes the request.</summary>
    /// <param name="output">The target of the write.</param>
    /// <param name="targetOriginator">The id of the node.</param>
    /// <param name="envelopes">The client envelopes.</param>
    /// <param name="signatures">65 bytes per envelope, concatenated, in the same order.</param>
    public static void Write(
        IBufferWriter<byte> output, uint targetOriginator, IReadOnlyList<ParsedEnvelope> envelopes, ReadOnlySpan<byte> signatures)
    {
        for (var i = 0; i < envelopes.Count; i++)
            WriteOne(output, targetOriginator, envelopes[i].Bytes.Span, signatures.Slice(i * SignatureSize, SignatureSize));
    }

    /// <summary>The size of one payer envelope in bytes, which determines the node's storage fee.</summary>
    public static int PayerEnvelopeSize(uint targetOriginator, int clientEnvelope) =>
        ProtoWriter.BytesFieldSize(clientEnvelope) + SignatureFieldSize
        + ProtoWriter.VarintFieldSize(targetOriginator) + ProtoWriter.VarintFieldSize(RetentionDays);

    private static void WriteOne(
        IBufferWriter<byte> output, uint targetOriginator, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> signature)
    {
        var head = new ProtoWriter(output.GetSpan(2 * MaxHeaderSize));
        head.BytesHeader(1, PayerEnvelopeSize(targetOriginator, envelope.Length));
        head.BytesHeader(1, envelope.Length);
        output.Advance(head.Written);
        output.Write(envelope);

        var tail = new ProtoWriter(output.GetSpan(SignatureFieldSize + MaxHeaderSize + MaxHeaderSize));
        tail.BytesHeader(2, SignatureFieldSize - 2);
        tail.BytesField(1, signature);
        tail.VarintField(3, targetOriginator);
        tail.VarintField(4, RetentionDays);
        output.Advance(tail.Written);
    }
}
