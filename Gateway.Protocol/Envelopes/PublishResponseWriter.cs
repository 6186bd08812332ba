using System.Buffers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// Writes a PublishClientEnvelopesResponse (or PublishPayerEnvelopesResponse: both use field 1) around envelopes that
/// are already serialized.
/// </summary>
public static class PublishResponseWriter
{
    private const int MaxHeaderSize = 1 + 5;

    /// <summary>The exact size in bytes of the output of <see cref="Write"/> for one envelope of this length.</summary>
    public static int GetSize(int envelopeLength) => ProtoWriter.BytesFieldSize(envelopeLength);

    /// <summary>Writes the next envelope of the response.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> originatorEnvelope)
    {
        var head = new ProtoWriter(output.GetSpan(MaxHeaderSize));
        head.BytesHeader(1, originatorEnvelope.Length);
        output.Advance(head.Written);
        output.Write(originatorEnvelope);
    }
}
