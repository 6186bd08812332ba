using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>A publisher that also gets the caller's identity.</summary>
internal interface ICallerAwarePublisher : IEnvelopePublisher
{
    /// <summary>Publishes envelopes of a caller.</summary>
    ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, ClientIdentity? caller, PublishDeadline deadline, CancellationToken cancellationToken);
}
