using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// A client envelope that was checked and routed. It is a view: <see cref="Bytes"/> are the bytes that the client sent;
/// they are signed and forwarded unchanged.
/// </summary>
public sealed class ParsedEnvelope
{
    /// <summary>The index of the envelope in its request, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The serialized ClientEnvelope, as the client sent it.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The target topic.</summary>
    public required Topic Topic { get; init; }

    /// <summary>The kind of payload; it matches the topic's kind.</summary>
    public required PayloadKind Payload { get; init; }

    /// <summary>Where the envelope is published.</summary>
    public required Destination Destination { get; init; }

    /// <summary>A copy with its own bytes, which outlive the request.</summary>
    public ParsedEnvelope Copy() => new()
    {
        Index = Index,
        Bytes = Bytes.ToArray(),
        Topic = new Topic(Topic.Bytes.ToArray()),
        Payload = Payload,
        Destination = Destination,
    };
}
