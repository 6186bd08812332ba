namespace Xmtp.Gateway.Protocol.Topics;

/// <summary>A topic: one kind byte, then an identifier of at least one byte. A view over the envelope's bytes.</summary>
/// <param name="Bytes">The kind byte and the identifier.</param>
public readonly record struct Topic(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The kind, from the first byte.</summary>
    public TopicKind Kind => (TopicKind)Bytes.Span[0];

    /// <summary>Everything after the kind byte.</summary>
    public ReadOnlyMemory<byte> Identifier => Bytes[1..];
}
