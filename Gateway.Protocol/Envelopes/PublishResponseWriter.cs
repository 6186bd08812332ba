using System.Buffers;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// Writes PublishClientEnvelopesResponse (or PublishPayerEnvelopesResponse: field 1 of both) around envelopes that are
/// serialized already.
/// </summary>
public static class PublishResponseWriter
{
    private const int MaxHeaderSize = 1 + 5;

    /// <summary>The exact size of what <see cref="Write"/> writes for one envelope of this length, in bytes.</summary>
    public static int GetSize(int envelopeLength) => ProtoWriter.BytesFieldSize(envelopeLength);

    /// <summary>Writes one more envelope of the response.</summary>
    public static void Write(IBufferWriter<byte> output, ReadOnlySpan<byte> originatorEnvelope)
    {
        var head = new ProtoWriter(output.GetSpan(MaxHeaderSize));
        head.BytesHeader(1, originatorEnvelope.Length);
        output.Advance(head.Written);
        output.Write(originatorEnvelope);
    }
}
