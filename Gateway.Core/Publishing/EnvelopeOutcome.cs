namespace Xmtp.Gateway.Publishing;

/// <summary>How one envelope ended: the serialized OriginatorEnvelope, or an error.</summary>
public readonly record struct EnvelopeOutcome
{
    private EnvelopeOutcome(ReadOnlyMemory<byte> envelope, PublishError? error) => (OriginatorEnvelope, Error) = (envelope, error);

    /// <summary>The bytes of the OriginatorEnvelope as the originator gave them; empty when there is an error.</summary>
    public ReadOnlyMemory<byte> OriginatorEnvelope { get; }

    /// <summary>Null when it was published.</summary>
    public PublishError? Error { get; }

    /// <summary>It was published.</summary>
    public static EnvelopeOutcome Published(ReadOnlyMemory<byte> originatorEnvelope) => new(originatorEnvelope, null);

    /// <summary>It was not.</summary>
    public static EnvelopeOutcome Failed(PublishError error) => new(default, error);
}
