using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>An originator at hand: numbers envelopes and answers at once, or as a test says.</summary>
public sealed class TestPublisher(Destination destination) : IEnvelopePublisher
{
    public const uint NodeId = 100;

    public Destination Destination => destination;

    public Func<ParsedEnvelope, PublishError?> Fails { get; set; } = _ => null;

    /// <summary>What surely was not sent.</summary>
    public Func<ParsedEnvelope, bool> SendsNot { get; set; } = _ => false;

    /// <summary>What is in doubt when its caller is answered, and its final outcome.</summary>
    public Func<ParsedEnvelope, Task<EnvelopeOutcome>?> Settles { get; set; } = _ => null;

    public Func<PublishDeadline, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    public List<byte[]> Published { get; } = [];

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes) => null;

    public async ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        await Before(deadline, cancellationToken);
        return [.. envelopes.Select(Publish)];
    }

    private EnvelopeOutcome Publish(ParsedEnvelope envelope)
    {
        if (SendsNot(envelope)) return EnvelopeOutcome.NotSent(new PublishError(PublishErrorKind.Unavailable, "nobody could be reached"));
        if (Settles(envelope) is { } settles)
            return EnvelopeOutcome.Failed(new PublishError(PublishErrorKind.DeadlineExceeded, "in doubt")) with { Settles = settles };
        if (Fails(envelope) is { } error) return EnvelopeOutcome.Failed(error);
        lock (Published) Published.Add(envelope.Bytes.ToArray());
        var unsigned = OriginatorEnvelopeWriter.UnsignedEnvelope(NodeId, 1, 1, OriginatorEnvelopeWriter.PayerEnvelope(envelope.Bytes.Span));
        return EnvelopeOutcome.Published(OriginatorEnvelopeWriter.SignedEnvelope(unsigned, new byte[65]));
    }
}
