using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Reads the envelopes that clients publish, without copying or reserializing them.</summary>
/// <remarks>
/// <code>
/// request:  1 client envelope, repeated
/// envelope: 1 aad { 2 target_topic  3 depends_on }  then one payload: 2 group_message … 7 payer_report_attestation
/// </code>
/// The bytes are signed unchanged, so every later parser must see what is checked here: a decisive field that is given
/// twice is rejected, although in protobuf the last one wins.
/// </remarks>
public static class EnvelopeReader
{
    /// <summary>
    /// The max number of envelopes per request: each costs a signature, and 25 MiB of the smallest ones would take a
    /// minute of signing.
    /// </summary>
    public const int MaxEnvelopes = 10_000;

    /// <summary>Reads a serialized PublishClientEnvelopesRequest; checks and routes each envelope.</summary>
    /// <param name="request">The serialized request. The envelopes are slices of it.</param>
    /// <param name="envelopes">The envelopes in the order of the request; empty when there is a fault.</param>
    /// <returns>Null, or the first fault.</returns>
    public static EnvelopeFault? ReadRequest(ReadOnlyMemory<byte> request, out IReadOnlyList<ParsedEnvelope> envelopes)
    {
        envelopes = [];
        var read = new List<ParsedEnvelope>(1);
        var reader = new ProtoReader(request.Span);
        while (reader.Read())
        {
            if (reader.Field != 1) continue;
            if (reader.WireType != ProtoReader.Bytes) return new EnvelopeFault(-1, "envelopes", "not an embedded message");
            if (read.Count == MaxEnvelopes) return new EnvelopeFault(-1, "envelopes", $"more than {MaxEnvelopes}; split the batch");
            if (Read(request[reader.Content], read.Count, out var envelope) is { } fault) return fault;
            read.Add(envelope!);
        }

        if (reader.Malformed) return new EnvelopeFault(-1, "envelopes", "the request is not a serialized PublishClientEnvelopesRequest");
        if (read.Count == 0) return new EnvelopeFault(-1, "envelopes", "there is none; a publish has at least one");
        envelopes = read;
        return null;
    }

    /// <summary>Checks and routes one serialized ClientEnvelope.</summary>
    /// <param name="bytes">The serialized envelope.</param>
    /// <param name="index">Its index in the request, for the fault.</param>
    /// <param name="envelope">The envelope; null when there is a fault.</param>
    /// <returns>Null, or the fault.</returns>
    public static EnvelopeFault? Read(ReadOnlyMemory<byte> bytes, int index, out ParsedEnvelope? envelope)
    {
        envelope = null;
        ReadOnlyMemory<byte>? aad = null, payload = null;
        var kind = PayloadKind.None;
        var reader = new ProtoReader(bytes.Span);
        while (reader.Read())
        {
            if (reader.Field > (int)PayloadKind.PayerReportAttestation) continue;
            var field = reader.Field == 1 ? "aad" : PayloadRules.FieldName((PayloadKind)reader.Field);
            if (reader.WireType != ProtoReader.Bytes) return new EnvelopeFault(index, field, "not an embedded message");
            if (reader.Field == 1 ? aad is not null : payload is not null) return new EnvelopeFault(index, field, "given twice");
            if (reader.Field == 1) aad = bytes[reader.Content];
            else (payload, kind) = (bytes[reader.Content], (PayloadKind)reader.Field);
        }

        if (reader.Malformed) return new EnvelopeFault(index, "payload", "not a serialized ClientEnvelope");
        if (aad is null) return new EnvelopeFault(index, "aad", "missing");
        if (AuthenticatedDataReader.Read(aad.Value, index, out var topic) is { } topicFault) return topicFault;
        if (PayloadRules.Check(topic, kind, payload ?? default, index, out var destination) is { } payloadFault) return payloadFault;
        envelope = new ParsedEnvelope { Index = index, Bytes = bytes, Topic = topic, Payload = kind, Destination = destination };
        return null;
    }
}
