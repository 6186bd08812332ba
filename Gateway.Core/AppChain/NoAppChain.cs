using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// Stands in where flow 2 is not registered: refuses what is bound for the App Chain, before anything of the request is
/// sent.
/// </summary>
internal sealed class NoAppChain(IOptions<ContractsOptions> contracts) : IEnvelopePublisher
{
    public Destination Destination => Destination.AppChain;

    public PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes) =>
        // What is too large will be too large on every gateway: that is said first.
        EnvelopeSize.Check(envelopes, contracts.Value.AppChain.MaxBlockchainPayloadSize, "the App Chain takes")
            ?? Refusal(envelopes[0].Index);

    public ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken) =>
        ValueTask.FromResult(envelopes.Select(envelope => EnvelopeOutcome.NotSent(Refusal(envelope.Index))).ToArray());

    private static PublishError Refusal(int index) =>
        new(PublishErrorKind.Unimplemented, $"envelopes[{index}] is bound for the App Chain, and this gateway does not publish there")
        {
            EnvelopeIndex = index,
        };
}
