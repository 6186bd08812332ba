namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Reads what clients publish, without copying and without serializing again.</summary>
public static class EnvelopeReader
{
    /// <summary>Reads a serialized PublishClientEnvelopesRequest: checks and routes each envelope.</summary>
    /// <param name="request">The serialized request. The envelopes are slices of it.</param>
    /// <param name="envelopes">The envelopes in the request's order; empty when there is a fault.</param>
    /// <returns>Null, or the first fault.</returns>
    public static EnvelopeFault? ReadRequest(ReadOnlyMemory<byte> request, out IReadOnlyList<ParsedEnvelope> envelopes) => throw new NotImplementedException();

    /// <summary>Checks and routes one serialized ClientEnvelope.</summary>
    /// <param name="bytes">The serialized envelope.</param>
    /// <param name="index">Its place in the request, for the fault.</param>
    /// <param name="envelope">The envelope, when there is no fault.</param>
    /// <returns>Null, or what is wrong.</returns>
    public static EnvelopeFault? Read(ReadOnlyMemory<byte> bytes, int index, out ParsedEnvelope? envelope) => throw new NotImplementedException();
}
