namespace Xmtp.Gateway.Publishing;

/// <summary>How one envelope ended: the serialized OriginatorEnvelope, or an error.</summary>
public readonly record struct EnvelopeOutcome
{
    private EnvelopeOutcome(ReadOnlyMemory<byte> envelope, PublishError? error)
    {
        OriginatorEnvelope = envelope;
        Error = error;
    }

    /// <summary>The bytes of the OriginatorEnvelope as the originator gave them; empty when there is an error.</summary>
    public ReadOnlyMemory<byte> OriginatorEnvelope { get; }

    /// <summary>Null when it was published.</summary>
    public PublishError? Error { get; }

    /// <summary>Whether it was published.</summary>
    internal bool IsPublished => Error is null && !OriginatorEnvelope.IsEmpty;

    /// <summary>Whether it surely was not sent, so that nobody will be charged for it.</summary>
    internal bool IsUnsent { get; init; }

    /// <summary>Whether it may still be published, for all that this process will ever know.</summary>
    internal bool IsInDoubt { get; init; }

    /// <summary>
    /// To be called once the outcome is stored where a resend looks: until then the ledger keeps its transaction. Null
    /// where nothing waits for that.
    /// </summary>
    internal Action? OnPersisted { get; init; }

    /// <summary>Where the error left open whether it may still be published: how that ends. Never throws. Null elsewhere.</summary>
    internal Task<EnvelopeOutcome>? Settles { get; init; }

    /// <summary>It was published.</summary>
    public static EnvelopeOutcome Published(ReadOnlyMemory<byte> originatorEnvelope) => new(originatorEnvelope, null);

    /// <summary>It was not, and surely it was not sent either: limits and budgets get back what it took.</summary>
    public static EnvelopeOutcome NotSent(PublishError error) => new(default, error) { IsUnsent = true };

    /// <summary>It was not, or nobody knows: what it took from limits and budgets stays taken.</summary>
    public static EnvelopeOutcome Failed(PublishError error) => new(default, error);
}
