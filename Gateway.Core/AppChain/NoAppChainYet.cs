using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.AppChain;

/// <summary>Refuses what is bound for the App Chain, before anything of the request is sent.</summary>
internal sealed class NoAppChainYet : IEnvelopePublisher
{
    public Destination Destination => Destination.AppChain;

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes) => Refusal(envelopes[0].Index);

    public ValueTask<EnvelopeOutcome[]> PublishAsync(IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken) =>
        ValueTask.FromResult(envelopes.Select(envelope => EnvelopeOutcome.Failed(Refusal(envelope.Index))).ToArray());

    private static PublishError Refusal(int index) =>
        new(PublishErrorKind.Unimplemented, $"envelopes[{index}] is bound for the App Chain, and this gateway does not publish there yet") { EnvelopeIndex = index };
}
