using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>
/// A client envelope that was checked and routed. It is a view: <see cref="Bytes"/> are the very bytes that the client
/// sent, and what is signed and forwarded.
/// </summary>
public sealed class ParsedEnvelope
{
    /// <summary>The place of the envelope in its request, from 0.</summary>
    public required int Index { get; init; }

    /// <summary>The serialized ClientEnvelope, as the client sent it.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>The target topic.</summary>
    public required Topic Topic { get; init; }

    /// <summary>What the envelope carries; it matches the topic's kind.</summary>
    public required PayloadKind Payload { get; init; }

    /// <summary>Where it goes.</summary>
    public required Destination Destination { get; init; }

    /// <summary>The same with bytes of its own, which outlive the request.</summary>
    public ParsedEnvelope Copy() => new()
    {
        Index = Index,
        Bytes = Bytes.ToArray(),
        Topic = new Topic(Topic.Bytes.ToArray()),
        Payload = Payload,
        Destination = Destination,
    };
}
