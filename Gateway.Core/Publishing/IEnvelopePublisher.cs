using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>One of the two flows: the Broadcast Network or the App Chain.</summary>
public interface IEnvelopePublisher
{
    /// <summary>Which flow this is.</summary>
    Destination Destination { get; }

    /// <summary>
    /// Checks, before anything of the request is sent, whether these envelopes can be published; null when they can be
    /// tried.
    /// </summary>
    /// <remarks>Checks sizes, a paused contract, a missing flow. Cheap: makes no network call.</remarks>
    PublishError? Check(IReadOnlyList<ParsedEnvelope> envelopes);

    /// <summary>Publishes envelopes that were authorized.</summary>
    /// <param name="envelopes">All for <see cref="Destination"/>.</param>
    /// <param name="deadline">The deadline over all attempts together.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves (not when the deadline passes).</param>
    /// <returns>One outcome for each envelope, in order. Does not throw for upstream failures.</returns>
    ValueTask<EnvelopeOutcome[]> PublishAsync(
        IReadOnlyList<ParsedEnvelope> envelopes, PublishDeadline deadline, CancellationToken cancellationToken);
}
