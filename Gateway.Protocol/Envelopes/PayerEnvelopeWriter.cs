using System.Buffers;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Writes PublishPayerEnvelopesRequest around client envelopes that stay as they are.</summary>
public static class PayerEnvelopeWriter
{
    /// <summary>The retention that the gateway asks for, in days, as the original does.</summary>
    public const uint RetentionDays = 60;

    /// <summary>The exact size in bytes of the request that <see cref="Write"/> writes.</summary>
    public static int GetSize(uint targetOriginator, IReadOnlyList<ParsedEnvelope> envelopes) => throw new NotImplementedException();

    /// <summary>Writes the request.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="targetOriginator">The node.</param>
    /// <param name="envelopes">The client envelopes.</param>
    /// <param name="signatures">65 bytes an envelope, one after another, in the same order.</param>
    public static void Write(IBufferWriter<byte> output, uint targetOriginator, IReadOnlyList<ParsedEnvelope> envelopes, ReadOnlySpan<byte> signatures) => throw new NotImplementedException();
}
