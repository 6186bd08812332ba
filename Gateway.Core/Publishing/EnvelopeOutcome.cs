namespace Xmtp.Gateway.Publishing;

/// <summary>The outcome of one envelope: the serialized OriginatorEnvelope, or an error.</summary>
public readonly record struct EnvelopeOutcome
{
    private EnvelopeOutcome(ReadOnlyMemory<byte> envelope, PublishError? error)
    {
        OriginatorEnvelope = envelope;
        Error = error;
    }

    /// <summary>The bytes of the OriginatorEnvelope as the originator returned them; empty when there is an error.</summary>
    public ReadOnlyMemory<byte> OriginatorEnvelope { get; }

    /// <summary>Null when it was published.</summary>
    public PublishError? Error { get; }

    /// <summary>Whether it was published.</summary>
    internal bool IsPublished => Error is null && !OriginatorEnvelope.IsEmpty;

    /// <summary>Whether it certainly was not sent, so that it is not charged for.</summary>
    internal bool IsUnsent { get; init; }

    /// <summary>Whether it may still be published, and this process cannot find out.</summary>
    internal bool IsInDoubt { get; init; }

    /// <summary>
    /// Must be called once the outcome is stored where a resend looks it up: until then the nonce store keeps the
    /// transaction. Null when nothing waits for that.
    /// </summary>
    internal Action? OnPersisted { get; init; }

    /// <summary>
    /// When the error leaves open whether it may still be published: completes with the final outcome. Never throws.
    /// Null otherwise.
    /// </summary>
    internal Task<EnvelopeOutcome>? Settles { get; init; }

    /// <summary>The outcome of a published envelope.</summary>
    public static EnvelopeOutcome Published(ReadOnlyMemory<byte> originatorEnvelope) => new(originatorEnvelope, null);

    /// <summary>
    /// The outcome of an envelope that certainly was not sent: its charges to limits and budgets are refunded.
    /// </summary>
    public static EnvelopeOutcome NotSent(PublishError error) => new(default, error) { IsUnsent = true };

    /// <summary>The outcome of an envelope that failed or may be in doubt: its charges to limits and budgets stay.</summary>
    public static EnvelopeOutcome Failed(PublishError error) => new(default, error);
}
